"""A running canary: what was observed, its guard rails, and how soon they notice a fault. Start with `monitor.py`."""
