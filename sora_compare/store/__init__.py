"""What is kept.

`store.py` has the methods, `records.py` the seam under it, `diskcache_records.py` the only way to the disk.
"""
