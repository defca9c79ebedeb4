"""The provider seam: servers that speak /v1/videos.

Start with `protocol.py`; `openai_adapter.py` is the one that sends.
"""
