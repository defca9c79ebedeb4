"""When the model that a server names contradicts the one that was asked for."""

from __future__ import annotations

import pytest

from sora_compare.domain.snapshots import contradicts


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("sora-2-2025-10-06", "sora-2-2099-01-01"),
        ("sora-2-2025-10-06", "sora-2-2025-12-08"),
        ("sora-2-2025-12-08", "sora-2-pro"),
        ("sora-2-2025-12-08", "wan-2.2"),
        ("sora-2", "sora-2-pro"),
        ("sora-2", "veo-3"),
        ("openai/sora-2-2025-12-08", "openai/sora-2-2025-10-06"),
        ("vendor-model-20250101", "vendor-model-20250601"),
    ],
)
def test_another_snapshot_contradicts(asked: str, echoed: str) -> None:
    assert contradicts(asked, echoed)


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("sora-2-2025-12-08", "sora-2-2025-12-08"),
        ("sora-2-2025-12-08", "SORA-2-2025-12-08"),
        ("sora-2-2025-12-08", None),
        ("sora-2-2025-12-08", ""),
        ("sora-2", "sora-2-2025-12-08"),
        ("sora-2", "sora-2-2025-10-06"),
        ("sora-2-latest", "sora-2-2025-12-08"),
        ("sora-2-2025-12-08", "sora-2"),
        ("sora-2-2025-12-08", "openai/sora-2-2025-12-08"),
        ("my-deployment", "sora-2"),
        ("gateway/clips", "sora-2-2025-12-08"),
    ],
)
def test_the_same_an_alias_a_sibling_or_a_name_of_ones_own_does_not(asked: str, echoed: str | None) -> None:
    assert not contradicts(asked, echoed)
