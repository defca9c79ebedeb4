"""How often something may be tried."""

from __future__ import annotations

import pytest

from sora_compare.access.limits import MOST_REMEMBERED, RateLimit, network


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_are_allowed_in_a_window_and_refused_ones_do_not_prolong_it() -> None:
    clock = Clock()
    limit = RateLimit(2, 10.0, clock)
    assert (limit.count("a"), limit.count("a")) == (0, 0)
    for clock.now in (1.0, 5.0):
        assert limit.count("a") == 10.0 - clock.now
    assert limit.count("b") == 0
    clock.now = 10.0
    assert limit.count("a") == 0


def test_it_forgets_who_was_right_and_who_came_long_ago() -> None:
    limit = RateLimit(1, 10.0, Clock())
    limit.count("a")
    limit.forget("a")
    assert limit.count("a") == 0
    for number in range(MOST_REMEMBERED):
        limit.count(str(number))
    assert limit.count("a") == 0, "memory is bounded"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_are_counted_by_who_has_them(address: str, counted: str) -> None:
    assert network(address) == counted
