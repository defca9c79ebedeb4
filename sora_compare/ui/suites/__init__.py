"""The Suites page: choose a file of prompts, say what a run costs, start it, follow it."""
