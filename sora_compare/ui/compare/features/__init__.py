"""What a prompt can carry besides its words: storyboard, cameos, look and reference image. Start with `section.py`."""
