"""Looking after the data folder: backups, restoring them, and mending what is half-written or gone.

Start with `backup.py`; `restore.py` reads what it writes, `repair.py` is what `doctor --fix` does.
"""
