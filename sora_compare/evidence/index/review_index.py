"""All reviews as one table in memory, kept up to date by reading only what is new.

The table is also kept in the local cache, so that a fresh process reads arrays instead of a hundred thousand records.
When it is missing there, damaged or of another version, everything is read again.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from sora_compare.domain.reviews import Criterion, Review
from sora_compare.domain.takes import ArmLabel
from sora_compare.evidence.index.pair_table import Names, PairTable, pair_name
from sora_compare.evidence.index.review_status import review_status_of
from sora_compare.statistics.ratings import (
    KINDS,
    NO_PREFERENCE,
    PAIR,
    UNKNOWN_SIDE,
    Group,
    Pairs,
    Ratings,
    ReviewStatus,
)

if TYPE_CHECKING:
    from sora_compare.statistics.results import Booleans, Integers
    from sora_compare.store.cache import LocalCache
    from sora_compare.store.store import Store

FORMAT = 4
CRITERIA = tuple(str(criterion) for criterion in Criterion)
PLACE = {name: number for number, name in enumerate(CRITERIA)}
ARM = {ArmLabel.A: 0, ArmLabel.B: 1}
CODES = ("reviewer", "session", "pair", "item", "preference", "left", "kind", "group", "standing")
NAMES = ("reviewers", "sessions", "items")
FIRST_ROWS = 1024
MIN_NEW_REVIEWS = 200
"""New reviews after which the table is kept again; fewer are read from the store in no time."""


class EvidenceIndex:
    """The table of all reviews that count, of every comparison in a store."""

    def __init__(self, store: Store, cache: LocalCache | None = None) -> None:
        """Nothing is read yet; `cache` is where the table is kept between processes, if anywhere."""
        self._store = store
        self._cache = cache
        self._lock = threading.Lock()
        self._clear()
        self._is_loaded = False

    def _clear(self) -> None:
        self._mark, self._n, self._kept = 0, 0, 0
        self._names = {name: Names() for name in NAMES}
        self._pairs = PairTable()
        self._codes = {name: np.zeros(FIRST_ROWS, dtype=np.int64) for name in CODES}
        self._at = np.zeros(FIRST_ROWS)
        self._scores = np.full((len(CRITERIA), 2, FIRST_ROWS), np.nan)
        self._asked: Booleans = np.zeros((len(CRITERIA), 2, FIRST_ROWS), dtype=bool)

    @property
    def mark(self) -> int:
        """How many reviews and revisions there are now."""
        return self._store.reviews.count()

    def ratings(self) -> Ratings:
        """The table as of now. The arrays are shared with later tables and must not be written to."""
        with self._lock:
            if self._cache and not self._is_loaded:
                self._load(self._cache)
            self._is_loaded = True
            self._read_new()
            return self._snapshot()

    def _read_new(self) -> None:
        mark = self._store.reviews.count()
        new = list(self._store.reviews.list(after=self._mark, until=mark))
        if self._mark == 0:
            # Read in the order of keys: a correction must not come before what it corrects.
            new.sort(key=lambda review: review.revision)
        if any(review.revision for review in new):
            # Snapshots given out before must stay what they were.
            self._scores, self._asked = self._scores.copy(), self._asked.copy()
            self._codes = {name: codes.copy() for name, codes in self._codes.items()}
        self._pairs.add(self._store, new)
        for review in new:
            if pair_name(review) not in self._pairs.pairs.codes:
                continue  # its comparison cannot be read
            if review.is_withdrawn:
                self._withdraw(review)
            else:
                self._put(review)
        self._mark = mark
        if self._cache and self._n - self._kept >= MIN_NEW_REVIEWS:
            self._save(self._cache)

    def _put(self, review: Review) -> None:
        codes = {
            "reviewer": self._names["reviewers"].code(review.reviewer),
            "session": self._names["sessions"].code(review.session or ""),
            "pair": self._pairs.pairs.codes[pair_name(review)],
            "item": self._names["items"].code(review.item or ""),
            "preference": NO_PREFERENCE if review.preference is None else review.preference,
            "left": UNKNOWN_SIDE if review.left is None else ARM[review.left],
            "kind": KINDS.index(review.kind) if review.kind in KINDS else PAIR,
        }
        codes["group"] = self._pairs.group_of[codes["pair"]]
        codes["standing"] = int(review_status_of(review))
        row = self._row(codes, review)
        for name, code in codes.items():
            self._codes[name][row] = code
        self._at[row] = review.created
        self._scores[:, :, row], self._asked[:, :, row] = np.nan, False
        for score in review.scores:
            where = PLACE[score.criterion], ARM[score.arm], row
            self._asked[where] = True
            self._scores[where] = np.nan if score.value is None else score.value

    def _withdraw(self, review: Review) -> None:
        """Let no row of an answer stand that was taken back."""
        names = {"reviewer": review.reviewer, "session": review.session or "", "item": review.item or ""}
        codes = {name: self._names[f"{name}s"].codes.get(word, -1) for name, word in names.items()}
        codes["pair"] = self._pairs.pairs.codes[pair_name(review)]
        self._codes["standing"][self._earlier(codes)] = 0

    def _row(self, codes: dict[str, int], review: Review) -> int:
        """The row that a correction replaces, or a new one: an independent answer outlives corrections that are not."""
        review_status, earlier = self._codes["standing"], self._earlier(codes) if review.revision else []
        if review.is_independent and earlier:
            review_status[earlier[1:]] = 0
            return earlier[0]
        for row in earlier:
            if not review_status[row] & ReviewStatus.INDEPENDENT:
                return row
            review_status[row] &= ~int(ReviewStatus.LATEST)
        if self._n == len(self._at):
            self._grow()
        self._n += 1
        return self._n - 1

    def _earlier(self, codes: dict[str, int]) -> list[int]:
        """Rows of the same answer that still stand, the last one first."""
        same = self._codes["standing"][: self._n] > 0
        for name in ("pair", "reviewer", "session", "item"):
            same &= self._codes[name][: self._n] == codes[name]
        return [int(row) for row in np.flatnonzero(same)[::-1]]

    def _grow(self) -> None:
        more = len(self._at)
        self._codes = {name: np.pad(codes, (0, more)) for name, codes in self._codes.items()}
        self._at = np.pad(self._at, (0, more))
        wide = ((0, 0), (0, 0), (0, more))
        self._scores = np.pad(self._scores, wide, constant_values=np.nan)
        self._asked = np.pad(self._asked, wide)

    def _snapshot(self) -> Ratings:
        n, names = self._n, {name: tuple(kept.listed) for name, kept in self._names.items()}
        prompt_of: Integers = np.array(self._pairs.prompt_of, dtype=np.int64)
        pair = self._codes["pair"][:n]
        return Ratings(
            criteria=CRITERIA,
            reviewers=names["reviewers"],
            sessions=names["sessions"],
            pairs=Pairs(
                tuple(self._pairs.pairs.listed), tuple(self._pairs.prompts.listed), prompt_of, tuple(self._pairs.tags)
            ),
            reviewer=self._codes["reviewer"][:n],
            session=self._codes["session"][:n],
            pair=pair,
            prompt=prompt_of[pair],
            scores=self._scores[:, :, :n],
            is_asked=self._asked[:, :, :n],
            preference=self._codes["preference"][:n],
            left=self._codes["left"][:n],
            kind=self._codes["kind"][:n],
            group=self._codes["group"][:n],
            at=self._at[:n],
            review_status=self._codes["standing"][:n],
            groups=tuple(self._pairs.groups) or (Group(),),
        )

    # The table between processes

    def save(self) -> None:
        """Keep the table for the next process, if anything was read since the last time."""
        with self._lock:
            if self._cache and self._n > self._kept:
                self._save(self._cache)

    def _save(self, cache: LocalCache) -> None:
        details = {
            "criteria": CRITERIA,
            "mark": self._mark,
            "last": self._store.reviews.identifier(self._mark),
            "names": {name: kept.listed for name, kept in self._names.items()},
            "table": self._pairs.to_dict(),
        }
        arrays: dict[str, Any] = {name: codes[: self._n].astype(np.int32) for name, codes in self._codes.items()}
        arrays["facts"] = np.frombuffer(json.dumps(details).encode(), dtype=np.uint8)
        out = io.BytesIO()
        np.savez(
            out,
            **arrays,
            at=self._at[: self._n],
            scores=self._scores[:, :, : self._n].astype(np.float32),
            asked=self._asked[:, :, : self._n],
        )
        cache.set(self._key, out.getvalue())
        self._kept = self._n

    @property
    def _key(self) -> str:
        return f"reviews/{FORMAT}/{self._store.identity}"

    def _load(self, cache: LocalCache) -> None:
        raw = cache.get(self._key)
        if not isinstance(raw, bytes):
            return
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as kept:
                self._restore({name: kept[name] for name in kept.files})
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            self._clear()

    def _restore(self, kept: dict[str, Any]) -> None:
        details = json.loads(kept["facts"].tobytes())
        # A store that was put back from a backup may have gone on with other reviews under the same numbers.
        is_of_this_store = details["last"] == self._store.reviews.identifier(details["mark"])
        if not is_of_this_store or tuple(details["criteria"]) != CRITERIA:
            return
        self._names = {name: Names.of(details["names"][name]) for name in NAMES}
        self._pairs = PairTable.from_dict(details["table"])
        self._codes = {name: kept[name].astype(np.int64) for name in CODES}
        self._at, self._asked = kept["at"], kept["asked"]
        self._scores = kept["scores"].astype(np.float64)
        self._n = self._kept = len(self._at)
        self._mark = details["mark"]
        if not self._n:
            self._clear()
