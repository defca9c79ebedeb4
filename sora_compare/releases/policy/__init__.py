"""Which snapshot each environment uses: reading the policy, changing it, and writing each change with its log entry.

Start with `changes.py`; `repository.py` says where a policy is kept.
"""
