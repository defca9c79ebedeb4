"""A real HTTP server that speaks `/v1/videos`, renders real MP4 files and shows faults on demand."""
