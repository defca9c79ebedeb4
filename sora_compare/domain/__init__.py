"""Values and rules of the field; the standard library only. Start with `takes.py`."""
