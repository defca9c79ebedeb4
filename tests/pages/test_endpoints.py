"""Endpoints and budget on Settings: added, changed, removed; never a key; bad input answered with a sentence."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.endpoints import Capabilities, Endpoint, Price
from sora_compare.errors import ConfigurationError
from sora_compare.generation.budget import Budget
from sora_compare.generation.health import Health
from sora_compare.generation.runner import Runner
from sora_compare.ui.settings.endpoint_models import models_from, table_of

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

pytestmark = pytest.mark.usefixtures("app")
NEW = "endpoints/field/new/"
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
STUDIO = Endpoint("studio", "https://studio.example/v1", models={"m": Capabilities(seconds=(4,))})


def add(page: AppTest, **fields: Any) -> AppTest:  # noqa: ANN401  # what a form takes
    for name, value in {"name": "studio", "base_url": "https://studio.example/v1", **fields}.items():
        page.get_by_key(f"{NEW}{name}").set_value(value)
    page.button(key="endpoints/keep/new").click().run()
    assert not page.exception
    return page


def everything(page: AppTest) -> str:
    return str(page) + " ".join(str(one.value) for kind in ("markdown", "caption", "text") for one in page.get(kind))


def test_an_endpoint_is_added_with_its_limits(app: Services, open_page: OpenPage) -> None:
    add(open_page("settings"), key_source="env:LAB_KEY", profile="reseller", concurrency=9, per_minute=30, poll_s=3.0)
    kept = app.endpoint_registry.get("studio")
    assert (kept.base_url, kept.key_source, kept.profile) == ("https://studio.example/v1", "env:LAB_KEY", "reseller")
    assert (kept.concurrency, kept.requests_per_minute, kept.poll_interval_s) == (9, 30, 3.0)
    assert kept.models["sora-2-2025-12-08"].takes_storyboard
    assert "studio" in open_page("compare").selectbox(key="compare:form/endpoint_A").options


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Give the endpoint a name"),
        ({"name": "a/b"}, "Give the endpoint a name"),
        ({"name": "simulator"}, "already"),
        ({"name": "lab"}, "already"),
        ({"base_url": "nonsense"}, "is not an address"),
        ({"base_url": "ftp://host/v1"}, "is not an address"),
        ({"base_url": "http://[::1/v1"}, "is not an address"),
        ({"base_url": "https://user:secret@host/v1"}, "holds a password"),
        ({"base_url": f"https://host/v1?key={KEY}"}, "goes on after"),
        ({"key_source": KEY}, "A key is never stored here"),
        ({"key_source": f"secrets:{KEY}"}, "A key is never stored here"),
        ({"key_source": "env:HOME"}, "A key is never stored here"),
        ({"key_source": "env:DJANGO_SECRET_KEY"}, "may not be sent to studio"),
        ({"key_source": "env:LAB_KEY", "base_url": "https://elsewhere.example/v1"}, "may not be sent to elsewhere"),
    ],
)
def test_bad_input_is_answered_and_stays(
    app: Services, open_page: OpenPage, fields: dict[str, str], words: str
) -> None:
    page = add(open_page("settings"), **fields)
    assert words in page.error[0].value
    for name, value in fields.items():
        assert page.session_state[f"{NEW}{name}"] == value
    assert app.store.endpoints.list() == []


def test_a_key_typed_by_mistake_is_kept_nowhere(app: Services, open_page: OpenPage) -> None:
    add(open_page("settings"), key_source=KEY)
    kept = b"".join(path.read_bytes() for path in app.settings.home.rglob("*") if path.is_file())
    assert KEY.encode() not in kept


def test_an_added_endpoint_is_changed_and_removed(app: Services, open_page: OpenPage) -> None:
    app.endpoint_registry.save(STUDIO)
    page = open_page("settings")
    page.get_by_key("endpoints/field/of studio/base_url").set_value("https://other.example/v1")
    page.button(key="endpoints/keep/of studio").click().run()
    assert app.endpoint_registry.get("studio").base_url == "https://other.example/v1"
    assert app.endpoint_registry.get("studio").models == STUDIO.models
    page.button(key="endpoints/remove/of studio").click().run()
    assert not page.exception
    assert app.store.endpoints.list() == []


def test_where_the_key_comes_from_and_whether_it_is_there(app: Services, open_page: OpenPage) -> None:
    assert app.settings.endpoints["lab"].key_source == "env:LAB_KEY"
    page = open_page("settings")
    assert "LAB\\_KEY: not set" in everything(page)
    assert not [one for one in page.button if one.key == "endpoints/keep/of lab"]


def test_an_endpoint_that_is_down_is_said_where_it_matters(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health(is_alive=True, is_holder=True, under_way=0, fault=None, down={"simulator": time.time() + 30})
    monkeypatch.setattr(Runner, "health", property(lambda _: health))
    for name in ("settings", "compare"):
        page = open_page(name)
        assert any("simulator does not answer" in one.value for one in page.warning)


class TestBudget:
    def test_limits_are_kept_and_shown(self, app: Services, open_page: OpenPage) -> None:
        page = open_page("settings")
        page.number_input(key="budget/run").set_value(2.5).run()
        page.number_input(key="budget/day").set_value(10.0).run()
        assert app.budget == Budget(2.5, 10.0)
        assert open_page("settings").number_input(key="budget/day").value == 10.0
        captions = " ".join(one.value for one in open_page("compare").caption)
        assert "\\$2.50 per run" in captions
        assert "\\$10.00 per day (spent today: \\$0.00 live, \\$0.00 simulated" in captions

    def test_a_limit_is_taken_away(self, app: Services, open_page: OpenPage) -> None:
        app.set_budget(Budget(2.5, 10.0))
        page = open_page("settings")
        page.number_input(key="budget/run").set_value(None).run()
        assert app.budget == Budget(None, 10.0)


class TestModels:
    FULL = Capabilities(
        seconds=(4, 8),
        sizes=("1280x720",),
        styles=("noir",),
        takes_seed=False,
        takes_tuning=True,
        takes_storyboard=True,
        takes_cameos=True,
        takes_image=True,
        price=Price(0.1, "a list of today"),
    )

    def rows(self, **changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # cells
        (row,) = table_of({"m": self.FULL}).to_dict("records")
        return [{**{str(name): value for name, value in row.items()}, **changes}]

    def test_a_table_says_all_there_is_and_reads_back(self) -> None:
        models = {"m": self.FULL, "*": Capabilities()}
        table = table_of(models)
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        assert models_from([{str(name): value for name, value in row.items()} for row in rows]) == models

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"model": ""}, "Row 1 of the models needs a name"),
            ({"seconds": "4, eight"}, "“eight” is no length for m"),
            ({"seconds": "0"}, "is no length"),
            ({"sizes": "big"}, "“big” is no size for m"),
            ({"price": -1.0}, "is no amount"),
            ({"price": float("inf")}, "is no amount"),
            ({"price": "much"}, "is no amount"),
            ({"source": ""}, "needs its source"),
        ],
    )
    def test_what_cannot_be_used_is_said_with_its_row(self, changes: dict[str, Any], words: str) -> None:
        with pytest.raises(ConfigurationError, match=words):
            models_from(self.rows(**changes))

    def test_the_same_model_twice(self) -> None:
        with pytest.raises(ConfigurationError, match="stands in two rows"):
            models_from(self.rows() + self.rows())

    def test_empty_rows_are_passed_over(self) -> None:
        empty: dict[str, Any] = dict.fromkeys(self.rows()[0])
        assert models_from([empty]) == {}
