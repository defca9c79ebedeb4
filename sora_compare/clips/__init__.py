"""Clips as content-addressed files: storing, probing, thumbnails."""
