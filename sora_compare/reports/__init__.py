"""From evidence to files: the HTML report, JSON, text for a terminal, exports. Start with `report_html.py`."""
