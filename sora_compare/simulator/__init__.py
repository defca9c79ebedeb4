"""A real HTTP server speaking /v1/videos that renders real MP4 files."""
