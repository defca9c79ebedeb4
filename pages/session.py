"""A reviewer's session: one pair after the other, blind."""

from sora_compare.services import services
from sora_compare.ui.sessions.room import room

room(services())
