"""Which snapshot an environment uses, how that changes, and the evidence for it. No Streamlit here."""
