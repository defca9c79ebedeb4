"""The mathematics: crossed effects, preference, intervals of shares, tests that may be looked at at any time."""
