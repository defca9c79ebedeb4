"""Pure functions over takes and reviews; every result says its method, its version and how much it rests on.

Start with `analysis.py` (everything said of the scores) and `verdict.py` (the verdict and its margin).
"""
