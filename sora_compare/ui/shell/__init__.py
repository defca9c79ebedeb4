"""The frame around every page: navigation, who looks, drafts, and the boundary that turns errors into sentences.

Start with `frame.py`, the script that Streamlit runs.
"""
