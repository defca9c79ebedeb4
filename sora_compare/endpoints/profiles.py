"""Dialect profiles and model capabilities: data (`data/profiles.toml`), not code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from sora_compare.domain.endpoints import Capabilities, Price
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.errors import ConfigurationError

if TYPE_CHECKING:
    from datetime import date

    from sora_compare.domain.endpoints import Endpoint

ANY_MODEL = "*"
ANYTHING = Capabilities()


@dataclass(frozen=True, slots=True)
class Profile:
    """How a family of servers is spoken to.

    Attributes:
        body: how a create is sent.
        length_field: the field that carries the seconds.
        cancels: whether DELETE stops a job that is running.
        retired: the day it was switched off.
        models: capabilities by model; "*" stands for any other.
    """

    name: str
    title: str
    body: Literal["multipart", "json"] = "multipart"
    length_field: str = "seconds"
    cancels: bool = False
    poll_interval_s: float = 10.0
    retired: date | None = None
    note: str = ""
    models: dict[str, Capabilities] = field(default_factory=dict)


@cache
def profiles() -> dict[str, Profile]:
    """The shipped profiles by name."""
    text = resources.files("sora_compare.endpoints").joinpath("data/profiles.toml").read_text("utf-8")
    return {name: _profile(name, table) for name, table in tomllib.loads(text).items()}


def profile_of(endpoint: Endpoint) -> Profile:
    """The endpoint's profile.

    Raises:
        ConfigurationError: it names a profile that does not exist.
    """
    known = profiles()
    if endpoint.profile not in known:
        raise ConfigurationError(
            f"The endpoint “{endpoint.name}” names the profile “{endpoint.profile}”; there are: {', '.join(known)}."
        )
    return known[endpoint.profile]


def capabilities_of(endpoint: Endpoint, model: str) -> Capabilities:
    """What the model takes on this endpoint: its own table first, then the profile's."""
    of_profile = profile_of(endpoint).models
    name = DEFAULT_B if model == ALIAS else model
    for table in (endpoint.models, of_profile):
        for key in (model, name, ANY_MODEL):
            if key in table:
                return table[key]
    return ANYTHING


def models_of(endpoint: Endpoint) -> list[str]:
    """Models to offer for the endpoint; any other name may be typed."""
    named = [m for m in (*endpoint.models, *profile_of(endpoint).models) if m != ANY_MODEL]
    return list(dict.fromkeys([*named, DEFAULT_A, DEFAULT_B, ALIAS]))


def capabilities_from(table: dict[str, Any]) -> Capabilities:
    """Capabilities as written in TOML or JSON.

    Raises:
        ConfigurationError: a field that does not exist.
    """
    record: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    if isinstance(record.get("price"), dict):
        record["price"] = Price(**record["price"])
    try:
        return Capabilities(**record)
    except TypeError as error:
        raise ConfigurationError(f"A model's capabilities have a field that does not exist ({error}).") from error


def _profile(name: str, table: dict[str, Any]) -> Profile:
    models = {model: capabilities_from(entry) for model, entry in table.pop("models", {}).items()}
    return Profile(name=name, models=models, **table)
