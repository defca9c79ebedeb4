"""Commands that look after the data folder; start with `doctor.py`."""
