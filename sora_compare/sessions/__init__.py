"""Review sessions: invited reviewers score pairs blind, under one protocol, and nothing is lost.

Start with `opening.py`; `admin.py` is the owner's side, `admission.py` and `scoring.py` the reviewer's.
"""
