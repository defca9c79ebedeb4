"""The Versions page: environments, canaries, checklist, drift, log.

`environment_cards.py` draws a card for each environment, `canary_panel.py` a panel for each canary.
"""
