"""What is kept.

Start with `store.py`, then `tables.py`. `database.py` has the transactions; `sqlite.py` and `postgresql.py` have what
differs between the two.
"""
