"""The Library page: every comparison there is, and clips brought in from files."""
