"""The HTTP server: what a create request may be, the jobs, their states, and faults on demand.

Start with `server.py`.
"""
