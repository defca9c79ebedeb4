"""The archive: existing clips brought in as takes, marked as imported. Start with `importing.py`."""
