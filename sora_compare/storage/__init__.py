"""The store (intent methods) over records (the seam)."""
