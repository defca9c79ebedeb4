"""How far the reviewers can be trusted, and what changes without one of them."""
