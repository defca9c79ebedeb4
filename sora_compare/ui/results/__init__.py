"""The Results page: the verdict first, then the parts behind it, each computed when it is chosen.

Start with `verdict.py` and `parts.py`.
"""
