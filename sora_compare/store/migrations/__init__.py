"""Migrations: from any earlier form of the store to that of this version, forward only, at open.

`upgrade.py` runs them; `versions/` has one file a step, written by Alembic; `carry_over.py` reads folders of the first
releases, which kept their records in diskcache.
"""
