"""What an endpoint's models can take, as a table that people edit, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from sora_compare.domain.endpoints import Capabilities, Price
from sora_compare.domain.requests import pixels
from sora_compare.endpoints.profiles import ANY_MODEL
from sora_compare.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAGS = {
    "takes_seed": "Seed",
    "takes_tuning": "Tuning",
    "takes_storyboard": "Storyboard",
    "takes_cameos": "Cameos",
    "takes_image": "Picture",
}
TEXTS = {"model": "Model", "seconds": "Seconds", "sizes": "Sizes", "styles": "Styles"}
PRICE, SOURCE = "price", "source"
COLUMNS = (*TEXTS, *FLAGS, PRICE, SOURCE)
WORD_LIMIT = 100
MOST_MODELS = 50
LONGEST_S = 3600


def table_of(models: Mapping[str, Capabilities]) -> pd.DataFrame:
    """One row a model; lists as words with commas between them, empty for "anything"."""
    rows = [_row(model, one) for model, one in models.items()]
    kinds = {name: "boolean" if name in FLAGS else "Float64" if name == PRICE else "string" for name in COLUMNS}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(kinds)


def _row(model: str, one: Capabilities) -> dict[str, Any]:
    return {
        "model": model,
        "seconds": ", ".join(map(str, one.seconds)),
        "sizes": ", ".join(one.sizes),
        "styles": ", ".join(one.styles),
        **{flag: getattr(one, flag) for flag in FLAGS},
        PRICE: one.price.per_second if one.price else None,
        SOURCE: one.price.source if one.price else "",
    }


def edit_models(models: Mapping[str, Capabilities], key: str) -> list[dict[str, Any]]:
    """Draw the table for editing; its rows as they stand, right or wrong."""
    edited = st.data_editor(
        table_of(models),
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config=_columns(),
        alt="What each model takes",
    )
    rows = edited.astype(object).where(edited.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def render_models(models: Mapping[str, Capabilities]) -> None:
    """The same table to read."""
    st.dataframe(table_of(models), hide_index=True, column_config=_columns(), alt="What each model takes")


def _columns() -> dict[str, Any]:
    text, tick = st.column_config.TextColumn, st.column_config.CheckboxColumn
    helps = {
        "model": f"The model's name; {ANY_MODEL} stands for every other.",
        "seconds": "Such as 4, 8, 12. Empty for any.",
        "sizes": "Such as 1280x720, 720x1280. Empty for any.",
        "styles": "Names of style presets. Empty for none.",
    }
    return {
        **{name: text(title, help=helps[name], required=name == "model") for name, title in TEXTS.items()},
        **{name: tick(title, default=name == "takes_seed") for name, title in FLAGS.items()},
        PRICE: st.column_config.NumberColumn("$ per second", min_value=0.0, format="%.3f"),
        SOURCE: text("Source of the price"),
    }


def models_from(rows: list[dict[str, Any]]) -> dict[str, Capabilities]:
    """Capabilities by model, from rows as somebody typed them.

    Raises:
        ConfigurationError: says in which row what cannot be used.
    """
    filled = [row for row in rows if any(row.get(name) for name in COLUMNS if name not in FLAGS)]
    if len(filled) > MOST_MODELS:
        raise ConfigurationError(f"These are more than {MOST_MODELS} models: leave some out.")
    models: dict[str, Capabilities] = {}
    for number, row in enumerate(filled, 1):
        model = str(row.get("model") or "").strip()
        if not model or len(model) > WORD_LIMIT:
            raise ConfigurationError(f"Row {number} of the models needs a name of up to {WORD_LIMIT} characters.")
        if model in models:
            raise ConfigurationError(f"The model {model} stands in two rows: remove one.")
        models[model] = _capabilities(model, row)
    return models


def _capabilities(model: str, row: dict[str, Any]) -> Capabilities:
    return Capabilities(
        seconds=tuple(_second(model, word) for word in _words(row.get("seconds"))),
        sizes=tuple(_size(model, word) for word in _words(row.get("sizes"))),
        styles=tuple(word[:WORD_LIMIT] for word in _words(row.get("styles"))),
        price=_price(model, row),
        **{flag: bool(row.get(flag)) for flag in FLAGS},
    )


def _words(data: object) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in str(data or "").replace(";", ",").split(",") if word.strip()))


def _second(model: str, word: str) -> int:
    text = word.removesuffix("s").strip()
    if not text.isdecimal() or not 0 < int(text[:9]) <= LONGEST_S:
        raise ConfigurationError(f"“{word}” is no length for {model}: write whole seconds, such as 4, 8, 12.")
    return int(text)


def _size(model: str, word: str) -> str:
    try:
        pixels(word)
    except ValueError:
        raise ConfigurationError(f"“{word}” is no size for {model}: write it as 1280x720.") from None
    return word


def _price(model: str, row: dict[str, Any]) -> Price | None:
    found = row.get(PRICE)
    if found in (None, ""):
        return None
    source = str(row.get(SOURCE) or "").strip()[:WORD_LIMIT]
    try:
        price = float(found)
    except (TypeError, ValueError):
        price = -1.0
    if not 0 <= price < float("inf"):
        raise ConfigurationError(
            f"The price “{found}” of {model} is no amount: write dollars per second, such as 0.10."
        )
    if not source:
        raise ConfigurationError(f"The price of {model} needs its source, such as a price list and its date.")
    return Price(price, source)
