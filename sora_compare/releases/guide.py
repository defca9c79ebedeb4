"""The decision guide: the article's seven situations and its three-step process, beside what your own data say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sora_compare.domain.canaries import ACCEPTED
from sora_compare.domain.policies import LATEST, STABLE
from sora_compare.domain.reviews import ASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sora_compare.domain.endpoints import Capabilities
    from sora_compare.domain.snapshots import Lifecycle

LONG_CLIP_S = 25
LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Situation:
    """One row of the article's guide; `role` is a version of the policy, or "lock" for "any, but locked"."""

    id: str
    situation: str
    role: str
    reason: str
    basis: str


@dataclass(frozen=True, slots=True)
class Question:
    """One step of the article's process: a version's role, or the next question's id, for each answer."""

    id: str
    question: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Guide:
    """Everything the article says, as data."""

    situations: tuple[Situation, ...]
    questions: tuple[Question, ...]
    plan_when: str
    plan: tuple[str, ...]


@cache
def guide() -> Guide:
    """The shipped guide (`releases/guide.toml`)."""
    text = resources.files("sora_compare.releases").joinpath("guide.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Guide(
        tuple(Situation(**one) for one in data["situation"]),
        tuple(Question(**one) for one in data["question"]),
        data["plan"]["when"],
        tuple(data["plan"]["steps"]),
    )


class Word(StrEnum):
    """How your own data relate to the article's recommendation."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class GuideInputs:
    """What is known here.

    Attributes:
        versions: the policy's, by role.
        verdict: by criterion, latest against stable.
        capabilities: of the endpoint's models, by model; a model that is not described is left out.
        lifecycle: tells where a model stands today.
        alias_moves: how often the alias has moved, and drift alarms, as sentences.
    """

    versions: Mapping[str, str]
    lifecycle: Callable[[str], Lifecycle]
    verdict: Mapping[str, str] = field(default_factory=dict)
    capabilities: Mapping[str, Capabilities] = field(default_factory=dict)
    alias_moves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """The article's recommendation for one situation beside what your own data say.

    Attributes:
        model: what the article recommends, by the policy's versions; empty for "lock any".
        own: why your data agree, differ, or cannot tell.
        warning: that the recommended model is or will be retired; empty when it is live.
    """

    situation: Situation
    model: str
    word: Word
    own: str
    warning: str


def advice(inputs: GuideInputs) -> list[Advice]:
    """All seven situations."""
    return [_advice(one, inputs) for one in guide().situations]


def _advice(one: Situation, inputs: GuideInputs) -> Advice:
    model = inputs.versions.get(one.role, "")
    word, sentence = _BASES[one.basis](one, inputs)
    life = inputs.lifecycle(model) if model else None
    warning = life.sentence if life is not None and life.is_flagged else ""
    return Advice(one, model, word, sentence, warning)


def _verdict(one: Situation, inputs: GuideInputs) -> tuple[Word, str]:
    """Keep the stable version only where the latest one is not proven; take the latest only where it is not worse."""
    worse = [name for name in ASKED if inputs.verdict.get(name) == "worse"]
    unsettled = [name for name in ASKED if inputs.verdict.get(name) not in ACCEPTED]
    if worse:
        sentence = f"Your reviews find the newer snapshot worse on {', '.join(worse)}."
        return (Word.AGREES if one.role == STABLE else Word.DIFFERS), sentence
    if unsettled:
        return (
            Word.CANNOT_TELL,
            f"Your reviews do not settle {', '.join(unsettled)} yet: compare and review more pairs.",
        )
    sentence = "Your reviews find the newer snapshot better or not worse on every criterion"
    if one.role == STABLE:
        return Word.DIFFERS, f"{sentence}: a canary can start."
    return Word.AGREES, f"{sentence}."


def _physics(_: Situation, inputs: GuideInputs) -> tuple[Word, str]:
    word = inputs.verdict.get("physics")
    if word is None or word == "undecided":
        return Word.CANNOT_TELL, "Your reviews do not settle physics yet: compare and review more pairs."
    sentence = f"Your reviews find the newer snapshot {word} on physics."
    return (Word.AGREES if word == "better" else Word.DIFFERS), sentence


def _has(
    name: str, test: Callable[[Capabilities], bool | None]
) -> Callable[[Situation, GuideInputs], tuple[Word, str]]:
    """Whether the newer snapshot alone passes the test, which answers None where the endpoint does not say."""

    def look(_: Situation, inputs: GuideInputs) -> tuple[Word, str]:
        found = [inputs.capabilities.get(inputs.versions.get(role, "")) for role in (LATEST, STABLE)]
        latest, stable = (None if one is None else test(one) for one in found)
        if latest is None:
            return Word.CANNOT_TELL, f"Your endpoint does not say whether it takes {name}."
        if not latest:
            return Word.DIFFERS, f"Your endpoint does not take {name} with the newer snapshot."
        if stable:
            return Word.DIFFERS, f"Your endpoint takes {name} with both snapshots: it is no reason to move."
        return Word.AGREES, f"Your endpoint takes {name} with the newer snapshot only."

    return look


def _alias(one: Situation, inputs: GuideInputs) -> tuple[Word, str]:
    if not inputs.alias_moves:
        return Word.CANNOT_TELL, "No move of the alias was seen here: watch it with `versions drift --run`."
    sentence = " ".join(inputs.alias_moves)
    if one.role == LOCK:
        return Word.AGREES, f"{sentence} A lock keeps such a move out of your results."
    return Word.DIFFERS, f"{sentence} A prototype that follows the alias changes on such a day."


_BASES: dict[str, Callable[[Situation, GuideInputs], tuple[Word, str]]] = {
    "verdict": _verdict,
    "physics": _physics,
    "long_clips": _has("clips of 25 s", lambda one: LONG_CLIP_S in one.seconds if one.seconds else None),
    "cameos": _has("cameos", lambda one: one.takes_cameos),
    "alias": _alias,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of the article's process, or the question that is still open.

    Attributes:
        role, model: recommended; empty while a question is open.
        plan: what to do when the older snapshot stays for now.
    """

    role: str = ""
    model: str = ""
    open_question: Question | None = None
    plan: tuple[str, ...] = ()


def decide(answers: Mapping[str, bool], versions: Mapping[str, str]) -> Decision:
    """Follow the process as far as the answers (by question id) go."""
    there = guide()
    questions = {one.id: one for one in there.questions}
    now = there.questions[0]
    while now.id in answers:
        leads_to = now.yes if answers[now.id] else now.no
        if leads_to not in questions:
            plan = there.plan if leads_to == there.plan_when else ()
            return Decision(leads_to, versions.get(leads_to, ""), None, plan)
        now = questions[leads_to]
    return Decision(open_question=now)
