"""`versions`: one module a group of verbs. `command.py` has the parser, `context.py` what every verb needs."""
