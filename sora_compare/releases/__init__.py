"""Which snapshot an environment uses, how that changes, and the evidence for it. No Streamlit here.

Start with `version_manager.py` (for production code) or `policy/changes.py` (what the page does).
"""
