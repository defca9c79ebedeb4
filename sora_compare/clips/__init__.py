"""Clips as files named by their SHA-256, and the pictures and copies made from them.

`decoding/` reads what comes from outside.
"""
