"""The one way from the store to the tables that statistics work on.

Start with `findings.py`: what results rest on, and what follows from it. `review_index.py` keeps the reviews as one
table.
"""
