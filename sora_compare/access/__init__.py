"""Who somebody is and what they may do: owner, reviewer, or nobody. Start with `people.py`."""
