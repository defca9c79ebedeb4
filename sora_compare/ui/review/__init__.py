"""The Review page: one pair after the other, scored blind. Start with `reviewing.py`; `scoring.py` saves."""
