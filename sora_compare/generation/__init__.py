"""The runner: submit, watch, fetch, probe."""
