"""The store: what the product keeps, as methods that say what is meant. Written once, over any `Records`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from sora_compare.domain import reviews as rules
from sora_compare.domain.comparisons import Comparison, SuiteRun
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.identifiers import earliest_identifier
from sora_compare.domain.reviews import Review
from sora_compare.domain.snapshots import OtherModel
from sora_compare.domain.takes import Take, TakeState
from sora_compare.errors import Conflict, TamperedRecord, UnknownRecord, UsageError
from sora_compare.store import review_order
from sora_compare.store.audit import AuditLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sora_compare.store.records import Records, Value

Kept = TypeVar("Kept", Comparison, Take, Review, Endpoint, SuiteRun, OtherModel)

COMPARISONS, TAKES, TAKES_OF, OPEN, CACHE = "comparisons", "takes", "takes_of", "open_takes", "fingerprints"
OTHER_MODELS, REVIEWS, DRAFTS = "other_models", "reviews", "drafts"
ENDPOINTS, SETTINGS, SUITE_RUNS = "endpoints", "preferences", "suite_runs"


class Store:
    """Comparisons, takes, reviews, drafts and the audit trail."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.audit_log = AuditLog(records)

    # Comparisons and takes

    def plan(self, comparison: Comparison, takes: Iterable[Take]) -> None:
        """Keep a new comparison with its planned takes, all together; the runner finds them by itself."""
        with self.records.transaction():
            self.records.put(COMPARISONS, comparison.id, _to_record(comparison))
            for take in takes:
                self._add_take(take)

    def add_take(self, take: Take) -> None:
        """Keep one more take of an existing comparison, such as a retry or an import."""
        with self.records.transaction():
            self._add_take(take)

    def _add_take(self, take: Take) -> None:
        self.records.put(TAKES, take.id, _to_record(take))
        self.records.put(TAKES_OF, f"{take.comparison_id}:{take.id}", {})
        self._index(take)

    def _index(self, take: Take) -> None:
        if take.is_ended:
            self.records.delete(OPEN, take.id)
        else:
            self.records.put(OPEN, take.id, {})
        if take.state is TakeState.COMPLETED and take.cached_from is None:
            self.records.put(CACHE, take.fingerprint, {"take": take.id})
        if take.state is TakeState.COMPLETED and (other := OtherModel.of(take)):
            self.records.put(OTHER_MODELS, take.id, dataclasses.asdict(other))

    def save_take(self, take: Take) -> Take:
        """Write the take if nobody else did since it was read; returns it with its new version.

        Raises:
            Conflict: the stored take has another version than the one given.
        """
        with self.records.transaction():
            stored = self.records.get(TAKES, take.id)
            if stored is None or stored["version"] != take.version:
                raise Conflict("The take", take.id)
            saved = dataclasses.replace(take, version=take.version + 1)
            self.records.put(TAKES, saved.id, _to_record(saved))
            if stored["state"] != saved.state:
                self._index(saved)
        return saved

    def comparison(self, identifier: str) -> Comparison:
        """One comparison.

        Raises:
            UnknownRecord: there is none of that id.
        """
        return _known("comparison", identifier, Comparison, self.records.get(COMPARISONS, identifier))

    def has_comparison(self, identifier: str) -> bool:
        """Whether there is a comparison of that id."""
        return self.records.get(COMPARISONS, identifier) is not None

    def comparisons(self, *, limit: int | None = None, before: str | None = None) -> Iterator[Comparison]:
        """Comparisons, newest first; `before` is the id after which to go on."""
        rows = self.records.scan(COMPARISONS, newest_first=True, limit=limit, before=before)
        return self._readable(Comparison, COMPARISONS, rows)

    def take(self, identifier: str) -> Take:
        """One take.

        Raises:
            UnknownRecord: there is none of that id.
        """
        return _known("take", identifier, Take, self.records.get(TAKES, identifier))

    def takes_of(self, comparison_id: str) -> list[Take]:
        """Every take of a comparison, in the order they were planned."""
        rows = self.records.scan(TAKES_OF, after=f"{comparison_id}:", before=f"{comparison_id};")
        found = ((key.partition(":")[2], self.records.get(TAKES, key.partition(":")[2])) for key, _ in rows)
        return list(self._readable(Take, TAKES, found))

    def takes(self) -> Iterator[Take]:
        """Every take there is, oldest first."""
        return self._readable(Take, TAKES, self.records.scan(TAKES))

    def takes_since(self, moment: float) -> Iterator[Take]:
        """Takes planned at or after that moment (seconds since the epoch), oldest first."""
        return self._readable(Take, TAKES, self.records.scan(TAKES, after=earliest_identifier("take", moment)))

    def open_takes(self) -> list[str]:
        """Ids of the takes that have no outcome yet, oldest first."""
        return [key for key, _ in self.records.scan(OPEN)]

    def other_models(self) -> Iterator[OtherModel]:
        """Completed takes of which the server says that it used another model, oldest first."""
        return self._readable(OtherModel, OTHER_MODELS, self.records.scan(OTHER_MODELS))

    def completed_take(self, fingerprint: str) -> Take | None:
        """The generated take that already answers this request, if there is one."""
        found = self.records.get(CACHE, fingerprint)
        return self.take(found["take"]) if found else None

    # Suite runs

    def save_suite_run(self, run: SuiteRun) -> None:
        """Keep a run, or what changed of it."""
        self.records.put(SUITE_RUNS, run.id, _to_record(run))

    def suite_run(self, identifier: str) -> SuiteRun:
        """One run.

        Raises:
            UnknownRecord: there is none of that id.
        """
        return _known("suite run", identifier, SuiteRun, self.records.get(SUITE_RUNS, identifier))

    def suite_runs(self) -> Iterator[SuiteRun]:
        """Runs, newest first."""
        return self._readable(SuiteRun, SUITE_RUNS, self.records.scan(SUITE_RUNS, newest_first=True))

    # Endpoints and settings; keys are never kept

    def save_endpoint(self, endpoint: Endpoint) -> None:
        """Add or change an endpoint that was added on the Settings page."""
        self.records.put(ENDPOINTS, endpoint.name, _to_record(endpoint))

    def delete_endpoint(self, name: str) -> None:
        """Forget an added endpoint."""
        self.records.delete(ENDPOINTS, name)

    def endpoints(self) -> list[Endpoint]:
        """The endpoints added on the Settings page."""
        return list(self._readable(Endpoint, ENDPOINTS, self.records.scan(ENDPOINTS)))

    def set_setting(self, name: str, value: Value) -> None:
        """Keep a setting that people change, such as the budget."""
        self.records.put(SETTINGS, name, value)

    def setting(self, name: str) -> Value:
        """A setting; empty when none was kept."""
        return self.records.get(SETTINGS, name) or {}

    # Reviews

    def add_review(self, review: Review) -> Review:
        """Append a review; a second one of the same reviewer and pair becomes the next revision.

        Raises:
            UsageError: the review breaks a rule; says all that is wrong.
        """
        problems = rules.validate(review)
        if problems:
            raise UsageError(" ".join(problems))
        with self.records.transaction():
            earlier = [
                one for one in self.reviews_of(review.comparison_id) if rules.answered(one) == rules.answered(review)
            ]
            kept = dataclasses.replace(review, revision=len(earlier))
            key = f"{kept.comparison_id}:{kept.id}"
            self.records.put(REVIEWS, key, _to_record(kept))
            review_order.append(self.records, key)
        return kept

    def reviews_of(self, comparison_id: str) -> list[Review]:
        """Every review and revision of one comparison, in the order they were given."""
        rows = self.records.scan(REVIEWS, after=f"{comparison_id}:", before=f"{comparison_id};")
        return list(self._readable(Review, REVIEWS, rows))

    def reviews(self) -> Iterator[Review]:
        """Every review and revision there is."""
        return self._readable(Review, REVIEWS, self.records.scan(REVIEWS))

    def reviews_from(self, number: int) -> tuple[list[Review], int]:
        """Reviews and revisions that came in from that number on, and the number from which to go on next time.

        From 0 they come in the order of their keys, else in the order in which they were given.
        """
        reached = review_order.length(self.records)
        if number == 0:
            rows = list(self.records.scan(REVIEWS))
            # Asked for after the scan: what came in meanwhile is read next time, and not twice.
            later = set(review_order.keys_from(self.records, reached))
            return list(self._readable(Review, REVIEWS, [row for row in rows if row[0] not in later])), reached
        keys = review_order.keys_from(self.records, number) if number < reached else []
        rows_after = ((key, self.records.get(REVIEWS, key)) for key in keys)
        return list(self._readable(Review, REVIEWS, rows_after)), number + len(keys)

    def reviews_counted(self) -> int:
        """How many reviews and revisions there are; `reviews_from` of this number gives what comes later."""
        return review_order.length(self.records)

    # What somebody is still typing

    def save_draft(self, name: str, draft: Value) -> None:
        """Keep what is being typed under a name; replaces the draft before."""
        self.records.put(DRAFTS, name, draft)

    def draft(self, name: str) -> Value:
        """What was being typed; empty when nothing was."""
        return self.records.get(DRAFTS, name) or {}

    def delete_draft(self, name: str) -> None:
        """Forget a draft once it became something kept."""
        self.records.delete(DRAFTS, name)

    # What happened, for the record

    def audit(self, event: str, **details: Any) -> None:  # noqa: ANN401  # whatever JSON holds
        """Append one event to the audit trail."""
        self.audit_log.append(event, details)

    def audit_trail(self) -> Iterator[Value]:
        """Every event with its facts, oldest first; `audit_log` has the chain."""
        return ({"at": one.at, "event": one.event, **one.facts} for one in self.audit_log.entries())

    def _readable(self, kind: type[Kept], table: str, rows: Iterable[tuple[str, Value | None]]) -> Iterator[Kept]:
        """What the rows hold; one that cannot be read is noted and left out."""
        for key, value in rows:
            try:
                yield _known(kind.__name__.lower(), key, kind, value)
            except (TamperedRecord, UnknownRecord) as error:
                self.records.damaged.note(table, key, str(error))

    def check(self) -> list[str]:
        """Look at the database and at every record; what is wrong with the database. `records.damaged` has the rest."""
        found = self.records.check()
        for table, kind in KINDS.items():
            list(self._readable(kind, table, self.records.scan(table)))
        list(self.audit_log.entries())
        return found

    def close(self) -> None:
        """Release files and connections."""
        self.records.close()


KINDS: dict[str, type[Any]] = {
    COMPARISONS: Comparison,
    TAKES: Take,
    REVIEWS: Review,
    ENDPOINTS: Endpoint,
    SUITE_RUNS: SuiteRun,
    OTHER_MODELS: OtherModel,
}
_ADAPTERS: dict[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in KINDS.values()}


def _to_record(thing: Comparison | Take | Review | Endpoint | SuiteRun) -> Value:
    record: Value = _ADAPTERS[type(thing)].dump_python(thing, mode="json")
    return record


def _read(kind: type[Kept], value: Value) -> Kept:
    try:
        thing: Kept = _ADAPTERS[kind].validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise TamperedRecord(f"{kind.__name__.lower()}, field {first['loc']}: {first['msg']}") from error
    return thing


def _known(word: str, identifier: str, kind: type[Kept], value: Value | None) -> Kept:
    if value is None:
        raise UnknownRecord(word, identifier)
    return _read(kind, value)
