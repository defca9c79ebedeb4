"""Processes that touch bytes from outside: probe, pictures, measurements, each bounded in time and memory.

Start with `worker.py` (the side that asks); `reader.py` is the process that answers.
"""
