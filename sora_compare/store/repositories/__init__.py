"""One repository per aggregate: what the product keeps, read and written by methods that say what is meant.

Start with comparisons.py and takes.py. `store.py`, one folder up, hands them out.
"""
