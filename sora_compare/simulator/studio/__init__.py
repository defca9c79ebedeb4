"""From an order to a finished MP4 file: worker processes, films, sound, encoding.

Start with `clip_source.py`, then `render.py`.
"""
