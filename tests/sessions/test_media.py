"""What a reviewer's browser is given of both sides over our route: alike in everything but the pictures."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from starlette.testclient import TestClient

import app as launcher
from sora_compare import services as composition
from sora_compare.access.people import REVIEWER_COOKIE
from sora_compare.clips.decoding.probe import probe
from sora_compare.clips.files import POSTER
from sora_compare.domain.sessions import ItemKind, PairRef
from sora_compare.domain.takes import ArmLabel
from tests.clips.conftest import write_clip
from tests.pages import filling
from tests.sessions import stock
from tests.sessions.test_scoring import answer, joined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import Item, Reviewer, ReviewSession
    from sora_compare.services import Services

SIDES = ("left", "right")
OUTSIDE = "http://app.example:8501"
BY_ADDRESS = {"etag", "date", "content-range"}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services that the routes use."""
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    yield composition.services()
    composition.close_services()


def kept(house: Services, path: Path) -> Clip:
    """A clip taken into the data folder, without a poster."""
    incoming = house.files.incoming(path.stem)
    incoming.write(path.read_bytes())
    sha256 = incoming.save(path.suffix)
    return probe(house.files.path(sha256), sha256=sha256)


def pair_of(house: Services, a: Clip, b: Clip) -> PairRef:
    made, _ = filling.fill_pair(
        house.store, lambda arm: a if arm == "a" else b, f"{a.sha256} {b.sha256}", at=filling.START
    )
    return PairRef(made.id)


class Browser:
    """A reviewer's."""

    def __init__(self, house: Services, session: ReviewSession, name: str = "Ana") -> None:
        self.house = house
        self.reviewer: Reviewer = joined(house, session, name)
        cookie = house.sessions.admission.personal_token(self.reviewer)
        self.web = TestClient(
            launcher.app, base_url=OUTSIDE, cookies={REVIEWER_COOKIE: cookie}, client=("192.0.2.7", 5000)
        )

    def get(self, item: Item, side: str, part: str = "clip.mp4", **headers: str) -> Response:
        return self.web.get(self.house.sessions.media.url(self.reviewer, item, side, part), headers=headers)  # type: ignore[arg-type]  # a Part

    def both(self, item: Item, part: str = "clip.mp4", **headers: str) -> list[Response]:
        return [self.get(item, side, part, **headers) for side in SIDES]


def grainy(index: int, width: int, height: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(index).integers(0, 255, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def unlike(house: Services, tmp_path: Path) -> PairRef:
    """A pair of one size, rate and length, whose files are of very different length."""
    plain, large = (
        kept(house, write_clip(tmp_path / name, amplitude=0.1, draw=grainy, options={"bf": "0", "crf": quality}))
        for name, quality in (("a.mp4", "45"), ("b.mp4", "10"))
    )
    assert large.bytes > 3 * plain.bytes
    return pair_of(house, plain, large)


def test_the_headers_of_both_sides_are_alike_and_tell_nothing_of_the_file(house: Services, unlike: PairRef) -> None:
    browser = Browser(house, stock.new_session(house, (unlike,)))
    left, right = browser.both(browser.reviewer.items[0])
    assert (left.status_code, right.status_code) == (200, 200)
    assert "last-modified" not in left.headers
    assert [*left.headers] == [*right.headers]
    differing = {name for name, value in left.headers.items() if right.headers[name] != value}
    assert differing <= BY_ADDRESS
    assert len(left.content) == len(right.content) == int(left.headers["content-length"])


def test_what_is_served_is_the_clip_frame_by_frame(house: Services, unlike: PairRef, tmp_path: Path) -> None:
    browser = Browser(house, stock.new_session(house, (unlike,)))
    item = browser.reviewer.items[0]
    takes = house.sessions.scoring.takes(item)
    for side, take in zip(SIDES, takes, strict=True):
        served = tmp_path / f"{side}.mp4"
        served.write_bytes(browser.get(item, side).content)
        assert take.clip
        assert pictures(served) == pictures(house.files.path(take.clip.sha256))


def pictures(path: Path) -> list[tuple[float | None, bytes]]:
    with av.open(str(path)) as source:
        return [(frame.time, bytes(frame.planes[0])) for frame in source.decode()]


def test_seeking_works_in_ranges_that_are_the_same_at_every_request(house: Services, unlike: PairRef) -> None:
    browser = Browser(house, stock.new_session(house, (unlike,)))
    item = browser.reviewer.items[0]
    everything = browser.get(item, "left").content
    total = len(everything)
    for asked, first, last in (
        ("bytes=0-", 0, total - 1),
        ("bytes=100-199", 100, 199),
        ("bytes=-50", total - 50, total - 1),
        (f"bytes={total - 70}-{total + 9}", total - 70, total - 1),
    ):
        part = browser.get(item, "left", Range=asked)
        assert (part.status_code, part.headers["content-range"]) == (206, f"bytes {first}-{last}/{total}")
        assert part.content == everything[first : last + 1]
        assert int(part.headers["content-length"]) == last - first + 1
    behind = browser.get(item, "left", Range=f"bytes={total}-")
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{total}")
    assert browser.get(item, "left", Range="bytes=0-9,20-29").status_code == 200


def test_what_the_browser_has_is_not_sent_again(house: Services, unlike: PairRef) -> None:
    browser = Browser(house, stock.new_session(house, (unlike,)))
    item = browser.reviewer.items[0]
    tag = browser.get(item, "left").headers["etag"]
    again = browser.get(item, "left", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get(item, "left", **{"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    assert browser.get(item, "left", **{"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize("lacking", list(ArmLabel))
def test_a_poster_that_one_side_lacks_is_served_for_neither(lacking: ArmLabel, house: Services, tmp_path: Path) -> None:
    (pair,) = stock.fill_pairs(house, tmp_path / "made", 1)
    session = stock.new_session(house, (pair,))
    browser = Browser(house, session)
    item = browser.reviewer.items[0]
    left, right = browser.both(item, "poster.jpg")
    assert (left.status_code, right.status_code) == (200, 200)
    assert len(left.content) == len(right.content)
    assert house.sessions.showing.shown(session, item).has_posters
    house.files.beside(house.sessions.scoring.clips_of(pair)[lacking].sha256, POSTER).unlink()
    left, right = browser.both(item, "poster.jpg")
    assert (left.status_code, left.content) == (right.status_code, right.content)
    assert left.status_code == 404
    assert not house.sessions.showing.shown(session, item).has_posters


@pytest.mark.parametrize("known", list(ArmLabel))
def test_a_measurement_that_one_side_lacks_is_used_for_neither(known: ArmLabel, house: Services) -> None:
    (pair,) = stock.fill_paper_pairs(house, 1)
    for take in house.store.takes.of(pair.comparison_id):
        if take.arm is known and take.clip:
            clip = dataclasses.replace(take.clip, loudness_lufs=-20.0, has_flashes=True)
            house.store.takes.save(dataclasses.replace(take, clip=clip))
    session = stock.new_session(house, (pair,))
    shown = house.sessions.showing.shown(session, joined(house, session).items[0])
    assert [clip.gain_db for clip in shown.clips] == [0.0, 0.0]
    assert shown.has_flashes, "the pair is warned of, not a side"


@pytest.mark.parametrize("gone", list(ArmLabel))
def test_a_file_that_is_gone_from_one_side_is_served_for_neither(
    gone: ArmLabel, house: Services, tmp_path: Path
) -> None:
    (pair,) = stock.fill_pairs(house, tmp_path / "made", 1)
    browser = Browser(house, stock.new_session(house, (pair,)))
    house.files.path(house.sessions.scoring.clips_of(pair)[gone].sha256).unlink()
    left, right = browser.both(browser.reviewer.items[0])
    assert (left.status_code, right.status_code) == (404, 404)
    assert left.content == right.content


def test_equal_bytes_show_neither_a_repeat_nor_a_same_clip_pair(house: Services, tmp_path: Path) -> None:
    pairs = stock.fill_pairs(house, tmp_path / "made", 4)
    browser = Browser(house, stock.new_session(house, pairs, hidden_repeats=1, same_clip_pairs=1))
    items = browser.reviewer.items
    assert {item.kind for item in items} == {ItemKind.PAIR, ItemKind.REPEAT, ItemKind.SAME_CLIP}
    for part in ("clip.mp4", "poster.jpg"):
        served = [answer for item in items for answer in browser.both(item, part)]
        assert {one.status_code for one in served} == {200}
        assert len({one.content for one in served}) == len(served)
        assert len({one.headers["etag"] for one in served}) == len(served)
        lengths = [len(one.content) for one in served]
        assert lengths[::2] == lengths[1::2]
        assert len(set(lengths)) == len(items), "a length that comes back would show the repeat"


@pytest.mark.parametrize("order", [1, -1])
def test_clips_that_are_coded_in_different_ways_are_both_coded_anew(
    order: int, house: Services, tmp_path: Path
) -> None:
    plain = kept(house, write_clip(tmp_path / "plain.mp4", options={"bf": "0"}))
    other = kept(house, write_clip(tmp_path / "other.webm", codec="libvpx-vp9"))
    session = stock.new_session(house, (pair_of(house, *(plain, other)[::order]),))
    browser = Browser(house, session)
    found = []
    for side in SIDES:
        answered = browser.get(browser.reviewer.items[0], side)
        assert answered.headers["content-type"] == "video/mp4"
        path = tmp_path / f"{side}.mp4"
        path.write_bytes(answered.content)
        traits = probe(path, sha256="0" * 64)
        found.append((traits.video_codec, traits.width, traits.fps, traits.frames, traits.has_b_frames))
    assert found[0] == found[1]


SMALL, LARGE = {"size": (160, 96), "fps": 24, "frames": 24}, {"size": (96, 160), "fps": 30, "frames": 45}


@pytest.mark.parametrize(("a", "b"), list(itertools.permutations([SMALL, LARGE])))
def test_a_pair_that_differs_is_levelled_or_its_reviews_are_not_blind(
    a: dict[str, object], b: dict[str, object], house: Services, tmp_path: Path
) -> None:
    clips = [
        kept(house, write_clip(tmp_path / f"{name}.mp4", amplitude=sound, **traits))  # type: ignore[arg-type]  # of write_clip
        for name, traits, sound in (("a", a, 0.1), ("b", b, None))
    ]
    pair = pair_of(house, *clips)
    for levels in (False, True):
        session = stock.new_session(house, (pair,), levels_clips=levels, same_clip_pairs=1)
        browser = Browser(house, session)
        for item in browser.reviewer.items:
            review = house.sessions.scoring.submit(browser.reviewer.id, item.id, answer())
            assert review.is_blind is levels
        if levels:
            for item in browser.reviewer.items:
                assert shown_alike(house, session, browser, item, tmp_path) == (96, 96, "24", 24, False)


def shown_alike(
    house: Services, session: ReviewSession, browser: Browser, item: Item, folder: Path
) -> tuple[object, ...]:
    """What both sides of an item are, told by the page and by the files; a same-clip pair is levelled like its pair."""
    left, right = house.sessions.showing.shown(session, item).clips
    assert left == right
    found = set()
    for served in browser.both(item):
        path = folder / "served.mp4"
        path.write_bytes(served.content)
        traits = probe(path, sha256="0" * 64)
        found.add((traits.width, traits.height, traits.fps, traits.frames, traits.has_audio))
        assert (traits.fps, traits.frames, traits.has_audio) == (left.fps, left.frames, left.has_audio)
    (one,) = found
    assert {answer.status_code for answer in browser.both(item, "poster.jpg")} == {404}
    return one
