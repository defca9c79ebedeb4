"""Suites: reading files of prompts, running them, telling how far they are. Start with `running.py`."""
