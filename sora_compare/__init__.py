"""Compare two dated snapshots of a video model, side by side, and defend the verdict."""
