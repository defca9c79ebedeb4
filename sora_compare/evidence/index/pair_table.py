"""The pairs that were reviewed: their prompts, tags and groups, each with a code, in the order they were met."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any

from sora_compare.evidence.origins import MIXED
from sora_compare.statistics.ratings import Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.reviews import Review
    from sora_compare.store.store import Store


@dataclass(slots=True)
class Names:
    """Names with a code each, in the order in which they were met."""

    listed: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def code(self, name: str) -> int:
        """The name's code, a new one when it was not met before."""
        found = self.codes.setdefault(name, len(self.listed))
        if found == len(self.listed):
            self.listed.append(name)
        return found

    @classmethod
    def of(cls, names: list[str]) -> Names:
        """Names as they were listed."""
        return cls(names, {name: code for code, name in enumerate(names)})


def pair_name(review: Review) -> str:
    """What the pair of a review is called."""
    return f"{review.comparison_id}:{review.repeat}"


@dataclass(slots=True)
class PairTable:
    """`prompt_of` and `group_of` by the pair's code, `tags` by the prompt's."""

    pairs: Names = field(default_factory=Names)
    prompts: Names = field(default_factory=Names)
    groups: list[Group] = field(default_factory=list)
    prompt_of: list[int] = field(default_factory=list)
    group_of: list[int] = field(default_factory=list)
    tags: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, store: Store, reviews: Iterable[Review]) -> None:
        """Add the pairs of these reviews, all that are new by one read. Those that cannot be read are left out."""
        new = [one for one in reviews if pair_name(one) not in self.pairs.codes]
        names = {one.comparison_id for one in new}
        comparisons = {one.id: one for one in store.comparisons.among(names)}
        origins = store.takes.origins(names)
        for review in new:
            comparison = comparisons.get(review.comparison_id)
            if comparison and pair_name(review) not in self.pairs.codes:
                self._add(comparison, review, {str(origins[name]) for name in review.takes if name in origins})

    def _add(self, comparison: Comparison, review: Review, origins: set[str]) -> None:
        a, b = comparison.arms
        origin = origins.pop() if len(origins) == 1 else MIXED
        group = Group(a.endpoint, a.model, b.endpoint, b.model, origin, comparison.suite or "")
        code = self.prompts.code(comparison.prompt)
        if code == len(self.tags):
            self.tags.append(())
        self.tags[code] = tuple(dict.fromkeys((*self.tags[code], *comparison.tags)))
        if group not in self.groups:
            self.groups.append(group)
        self.pairs.code(pair_name(review))
        self.prompt_of.append(code)
        self.group_of.append(self.groups.index(group))

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "pairs": self.pairs.listed,
            "prompts": self.prompts.listed,
            "groups": [astuple(group) for group in self.groups],
            "prompt_of": self.prompt_of,
            "group_of": self.group_of,
            "tags": self.tags,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> PairTable:
        """What `to_dict` gave."""
        return cls(
            Names.of(record["pairs"]),
            Names.of(record["prompts"]),
            [Group(*values) for values in record["groups"]],
            record["prompt_of"],
            record["group_of"],
            [tuple(tags) for tags in record["tags"]],
        )
