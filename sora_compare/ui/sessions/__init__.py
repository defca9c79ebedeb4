"""Review sessions: the owner's page and the reviewer's room.

The owner: `form.py`, `owner.py`, `admin.py`, `presenter.py`. The reviewer: `room.py`, `scoring.py`.
"""
