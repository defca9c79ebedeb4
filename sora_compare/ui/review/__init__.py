"""The Review page: one pair after the other, scored blind. Start with `review_pair.py`; `score_form.py` has the scores."""
