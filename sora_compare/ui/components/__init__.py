"""What several pages draw: the player, the score pad, charts, the two arms, figures as text.

Start with `pair_view.py` (a pair with its player and timings) and `formats.py` (how every figure is written).
"""
