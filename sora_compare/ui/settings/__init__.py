"""The Settings page: endpoints and their models, budgets, the data folder."""
