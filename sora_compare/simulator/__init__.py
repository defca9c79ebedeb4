"""A real HTTP server that speaks `/v1/videos` (`api/`) and renders real MP4 files (`studio/`)."""
