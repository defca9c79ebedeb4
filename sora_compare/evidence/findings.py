"""What results rest on and what follows from it: the chosen reviews and takes, analysed together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.clips import deviation_sentences
from sora_compare.domain.reviews import Evidence
from sora_compare.domain.snapshots import OtherModel
from sora_compare.domain.takes import ArmLabel, Origin, TakeState
from sora_compare.evidence.index.review_index import EvidenceIndex
from sora_compare.evidence.kept_analyses import kept
from sora_compare.evidence.memory import Memory
from sora_compare.evidence.origins import MIXED, not_counted
from sora_compare.evidence.other_models import other_model_sentences, without_pairs
from sora_compare.evidence.rules_history import RulesHistory
from sora_compare.evidence.selection import Selection, comparisons_of, most_reviewed, select, session_of
from sora_compare.evidence.set_aside import SetAside, set_aside
from sora_compare.statistics.analysis import Analysis, analyse
from sora_compare.statistics.claims import Checked, check
from sora_compare.statistics.costs import Costs, costs
from sora_compare.statistics.durations import MEASURES, Durations, PairedDuration, durations, paired
from sora_compare.statistics.outcomes import Shares, shares
from sora_compare.statistics.reviewers.consistency import (
    FalseAlarms,
    RepeatConsistency,
    SideBias,
    false_alarms,
    repeat_consistency,
    side_bias,
)
from sora_compare.statistics.reviewers.sent_first import sent_first
from sora_compare.statistics.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.comparisons import Comparison, Matchup
    from sora_compare.domain.takes import Take
    from sora_compare.statistics.ratings import Ratings
    from sora_compare.store.cache import LocalCache
    from sora_compare.store.store import Store

MOST_CACHED = 16
"""Analyses kept at once, one for each selection that somebody looks at."""
WORDS = {Origin.SIMULATED: "simulated", Origin.IMPORTED: "imported", Origin.LIVE: "live"}


@dataclass(frozen=True, slots=True)
class Attempts:
    """What the takes say: durations by measure and arm, outcomes, costs, how often each arm was sent first."""

    durations: dict[str, dict[ArmLabel, Durations]]
    paired: dict[str, PairedDuration]
    outcomes: dict[ArmLabel, Shares]
    costs: dict[ArmLabel, Costs]
    sent_first: dict[ArmLabel, int]


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the reviewers can be trusted."""

    repeats: RepeatConsistency
    false_alarms: FalseAlarms
    sides: SideBias


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that results, gate and report say of one selection.

    Attributes:
        arms: model of A and of B.
        origins: where the clips come from; said wherever a figure is shown.
        attempts: None for outside ratings.
        set_aside: reviews that do not decide.
        warnings: sentences on the evidence as a whole.
    """

    selection: Selection
    arms: dict[str, str]
    origins: tuple[str, ...]
    ratings: Ratings
    takes: tuple[Take, ...]
    comparisons: tuple[Comparison, ...]
    analysis: Analysis
    attempts: Attempts | None
    trust: Trust
    claims: tuple[Checked, ...]
    set_aside: SetAside
    warnings: tuple[str, ...]


class Results:
    """The evidence of one store, analysed on demand; safe to share between threads."""

    def __init__(self, store: Store, cache: LocalCache | None = None) -> None:
        """`cache`: where the table of reviews and analyses are kept between processes."""
        self._store = store
        self._cache = cache
        self.index = EvidenceIndex(store, cache)
        self.rules = RulesHistory(store)
        self.memory = Memory(MOST_CACHED)

    def analysis(self, selection: Selection | None = None, rules: Rules | None = None) -> Analysis:
        """The scores alone, as the first screen needs them.

        Args:
            selection: which evidence; everything of the arms that met last when left out.
            rules: those of `session_of` when left out.
        """
        _, ratings, rules = self._under(selection or Selection(), rules)
        return analyse(ratings.deciding(rules.evidence), rules)

    def latest(self, selection: Selection) -> Analysis:
        """The same as `analysis`, kept until another review comes in or the rules change: many look, few review."""
        return self._latest(selection)[0]

    def latest_set_aside(self, selection: Selection) -> SetAside:
        """The reviews that do not decide in `latest`, kept as long."""
        return self._latest(selection)[1]

    def _latest(self, selection: Selection) -> tuple[Analysis, SetAside]:
        version = self.version
        chosen, ratings, rules = self._under(selection, None)

        def compute() -> tuple[Analysis, SetAside]:
            return analyse(ratings.deciding(rules.evidence), rules), set_aside(ratings, rules.evidence)

        rests_on = self._store.identity, version, self._store.reviews.identifier(version[0]), chosen, rules
        return self.memory.get((chosen, rules), version, lambda: kept(self._cache, rests_on, compute))

    @property
    def version(self) -> tuple[int, int]:
        """Raised by whatever changes the scores that count: reviews, and takes of which another model turns out."""
        return self.index.mark, self._store.takes.count_of_other_models()

    def ratings(self, selection: Selection | None = None) -> Ratings:
        """The rows of a selection that decide, practice and hidden repeats among them."""
        _, ratings, rules = self._under(selection or Selection(), None)
        return ratings.deciding(rules.evidence)

    def other_origins(self, selection: Selection) -> str:
        """How many reviews are not counted because a selection takes one origin alone; empty when it takes all."""
        if not selection.origins:
            return ""
        every = self._chosen(replace(selection, origins=()))[1].deciding(Evidence.ALL).without_checks()
        counts: Counter[str] = Counter()
        for group, count in zip(every.groups, np.bincount(every.group, minlength=len(every.groups)), strict=True):
            counts[group.origin] += int(count)
        return not_counted({one: count for one, count in counts.items() if one not in selection.origins}, "review")

    def _under(self, selection: Selection, rules: Rules | None) -> tuple[Selection, Ratings, Rules]:
        """The selection with its arms, all rows of it, and the rules that hold for them."""
        chosen, ratings = self._chosen(selection)
        return chosen, ratings, rules or self.rules.holding(session_of(ratings) or chosen.session)

    def findings(self, selection: Selection | None = None, rules: Rules | None = None) -> Findings:
        """Everything, takes included."""
        chosen, ratings = self._chosen(selection or Selection())
        comparisons, takes = self._asked(chosen, ratings)
        session = session_of(ratings) or chosen.session
        sentences = [*self.rules.warnings(session), *filter(None, [self.other_origins(chosen)])]
        return _findings(
            chosen,
            ratings,
            rules or self.rules.holding(session),
            takes=takes,
            comparisons=comparisons,
            sentences=[
                *sentences,
                *other_model_sentences(_others(takes), are_counted=chosen.is_other_model_allowed),
                *deviation_sentences(takes),
            ],
        )

    def matchups(self) -> tuple[Matchup, ...]:
        """Pairs of arms that met, last one first: endpoint and model of A, then of B."""
        return tuple(self._store.comparisons.matchups())

    def _chosen(self, selection: Selection) -> tuple[Selection, Ratings]:
        ratings = self.index.ratings()
        if selection.matchup is None:
            selection = replace(selection, matchup=most_reviewed(ratings, selection) or self._last_met())
        others = () if selection.is_other_model_allowed else self._store.takes.of_other_models()
        return selection, without_pairs(select(ratings, selection), others)

    def other_models(self, selection: Selection) -> tuple[OtherModel, ...]:
        """Completed takes of a selection of which the server says that it used another model."""
        every = self._store.takes.of_other_models()
        found = [one for one in every if not selection.origins or one.origin in selection.origins]
        there = self._store.comparisons.among({one.comparison for one in found}, comparisons_of(selection))
        known = {one.id for one in there}
        return tuple(one for one in found if one.comparison in known)

    def _last_met(self) -> Matchup | None:
        last = next(iter(self._store.comparisons.list(limit=1)), None)
        if last is None:
            return None
        a, b = last.arms
        return a.endpoint, a.model, b.endpoint, b.model

    def _asked(self, selection: Selection, ratings: Ratings) -> tuple[tuple[Comparison, ...], tuple[Take, ...]]:
        """Comparisons and takes of a selection; a session's are those of its pairs that were reviewed."""
        wanted, repository = comparisons_of(selection), self._store.comparisons
        if selection.session is None:
            kept = tuple(repository.list(wanted, newest_first=False))
        else:
            there = np.flatnonzero(np.bincount(ratings.pair))
            reviewed = {ratings.pairs.names[pair].rpartition(":")[0] for pair in there}
            kept = tuple(reversed(repository.among(reviewed, wanted)))
        takes = self._store.takes.of_all([one.id for one in kept])
        return kept, tuple(take for take in takes if not selection.origins or take.origin in selection.origins)


def of_ratings(ratings: Ratings, rules: Rules | None = None, notes: Sequence[str] = ()) -> Findings:
    """Findings from outside ratings: scores alone; `notes` on how they were read stand among the warnings."""
    return _findings(Selection(), ratings, rules or Rules(), takes=None, comparisons=(), sentences=list(notes))


def _findings(
    selection: Selection,
    every: Ratings,
    rules: Rules,
    *,
    takes: tuple[Take, ...] | None,
    comparisons: tuple[Comparison, ...],
    sentences: list[str],
) -> Findings:
    ratings, aside = every.deciding(rules.evidence), set_aside(every, rules.evidence)
    arms = _arms(ratings, selection)
    origins = _origins(every, takes)
    plain, counted = ratings.without_checks(), takes
    if takes and not selection.is_other_model_allowed:
        counted = tuple(take for take in takes if take.other_model is None)
    is_live = origins == (WORDS[Origin.LIVE],)
    return Findings(
        selection=selection,
        arms=arms,
        origins=origins,
        ratings=ratings,
        takes=takes or (),
        comparisons=comparisons,
        analysis=analyse(ratings, rules),
        attempts=None if counted is None else _attempts(counted, plain),
        trust=Trust(repeat_consistency(ratings), false_alarms(ratings), side_bias(plain)),
        claims=check(ratings, counted or (), arms, is_live=is_live),
        set_aside=aside,
        warnings=(*sentences, *aside.sentences, *_origin_warnings(origins)),
    )


def _arms(ratings: Ratings, selection: Selection) -> dict[str, str]:
    if selection.matchup:
        return {"A": selection.matchup[1], "B": selection.matchup[3]}
    group = ratings.groups[0]
    return {"A": group.model_a, "B": group.model_b}


def _origins(ratings: Ratings, takes: Sequence[Take] | None) -> tuple[str, ...]:
    there = {ratings.groups[code].origin for code in np.flatnonzero(np.bincount(ratings.group))}
    there |= {str(take.origin) for take in takes or ()}
    return tuple(sorted(there))


def _others(takes: Sequence[Take]) -> list[OtherModel]:
    return [one for take in takes if take.state is TakeState.COMPLETED and (one := OtherModel.of(take))]


def _origin_warnings(origins: Sequence[str]) -> list[str]:
    sentences = []
    if len(origins) > 1 or MIXED in origins:
        sentences.append(f"Clips of different origin are mixed in these figures: {', '.join(origins)}.")
    if WORDS[Origin.SIMULATED] in origins:
        sentences.append("Simulated clips are in these figures: they say nothing about the real models.")
    return sentences


def _attempts(takes: Sequence[Take], ratings: Ratings) -> Attempts:
    arms = tuple(ArmLabel)
    return Attempts(
        durations={measure: {arm: durations(takes, measure, arm) for arm in arms} for measure in MEASURES},
        paired={measure: paired(takes, measure) for measure in MEASURES},
        outcomes={arm: shares(takes, arm) for arm in arms},
        costs={arm: costs(takes, ratings, arm) for arm in arms},
        sent_first=sent_first(takes),
    )
