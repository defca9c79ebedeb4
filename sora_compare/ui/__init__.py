"""Everything that draws: the only package here that imports streamlit."""
