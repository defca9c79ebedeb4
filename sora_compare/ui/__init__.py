"""Everything that draws, one room a page; the only package that imports streamlit.

`shell/` is the frame around every page, `components/` what several pages draw.
"""
