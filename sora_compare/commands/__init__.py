"""The commands of the command line, one module each; `flags.py` and `output.py` are shared by them."""
