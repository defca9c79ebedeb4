"""A session over three pairs, opened on the test's data folder; nothing is played here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.services import Services, open_services
from sora_compare.settings import Settings
from tests.sessions import stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.domain.sessions import ReviewSession


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Services]:
    """Opened services without a runner."""
    opened = open_services(Settings(home=tmp_path / "home", endpoints={}), with_runner=False)
    yield opened
    opened.close()


@pytest.fixture
def session(house: Services) -> ReviewSession:
    """Three pairs; both clips must be watched."""
    return stock.new_session(house, stock.fill_paper_pairs(house))
