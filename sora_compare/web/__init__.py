"""The ASGI side: the lifespan, our own routes, the gate in front of them, and what a proxy says.

Start with `server.py`; `links.py` has the routes of invitations and owners.
"""
