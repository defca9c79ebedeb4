"""The drawing surface, prerendered pieces, lettering, and the mark on every frame."""
