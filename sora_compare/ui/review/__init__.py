"""The Review page: one pair after the other, blind. `review_pair.py` draws it, `score_form.py` its scores."""
