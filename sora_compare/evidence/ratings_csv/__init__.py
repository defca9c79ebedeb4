"""Ratings made elsewhere, read from a CSV file. Start with `reading.py`."""
