"""Runnable figures: each a ratio against something that ran beside it in the same run."""
