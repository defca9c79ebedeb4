"""The drift watch: a small suite (`suite.yaml`) sent to an alias and to the snapshot it should mean.

Start with `watch.py`.
"""
