"""What is read once and then kept up to date: the table of all reviews, and the pairs of two models.

Start with `review_index.py`; `version.py` says which state of the store a figure was computed from.
"""
