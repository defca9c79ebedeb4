"""The Suites page: choose, see what is broken, know the cost, start once, watch, resume."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.generation.budget import Budget
from sora_compare.store.tables import arms, comparisons, tags, takes
from sora_compare.suites.reading import built_in_suite
from sora_compare.ui.shell import pages
from tests.pages.conftest import PAGES
from tests.pages.filling import ARMS

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from sora_compare.domain.comparisons import SuiteRun
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

pytestmark = pytest.mark.usefixtures("app")
ROWS = b"prompt,tags,seconds\na ball falls,gravity,4\na cat,motion,many\na flag,cloth,25\n"
START, FILE, WHERE = "Start: ", "suites/file", "suite:form/where"


@pytest.fixture(autouse=True)
def _page(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, "suites", pages.SUITES)
    monkeypatch.setattr(app.simulator, "base_url", lambda: "http://127.0.0.1:9/v1")


def from_file(page: AppTest, content: bytes, name: str = "ours.csv") -> AppTest:
    page.get_by_key(WHERE).set_value("From a file").run()
    page.file_uploader(key=FILE).upload(name, content).run()
    assert not page.exception
    return page


def start(page: AppTest) -> AppTest:
    next(one for one in page.button if one.label.startswith(START)).click().run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    kinds = ("markdown", "error", "warning", "info", "caption")
    return " ".join(str(one.value) for kind in kinds for one in page.get(kind))


def metrics(page: AppTest) -> dict[str, str]:
    return {one.label: str(one.value) for one in page.metric}


def test_the_built_in_suite_is_offered_with_its_cost_per_arm_and_together(open_page: OpenPage) -> None:
    page = open_page("suites")
    count = len(built_in_suite().prompts)
    assert len(page.dataframe[0].value) == count
    assert metrics(page) == {
        "Arm A": f"\\${count * 0.8:.2f}",
        "Arm B": f"\\${count * 0.8:.2f}",
        "Together": f"\\${count * 1.6:.2f}",
        "Quota": f"{count * 1.6:g}x",
    }
    assert "No suite has been run yet" in said(page)


def test_broken_rows_are_named_by_line_and_the_others_start(app: Services, open_page: OpenPage) -> None:
    page = from_file(open_page("suites"), ROWS)
    assert "Line 3: seconds is “many”" in said(page)
    assert "Line 4: sora" in said(page)  # what an arm cannot take
    start(page)
    (run,) = app.store.suite_runs.list()
    assert run.is_planned
    assert [one.prompt for one in app.store.comparisons.list()] == ["a ball falls"]
    assert page.query_params["run"] == run.id
    assert "2 waiting for its turn" in said(page)
    assert "2 rows left out" in " ".join(one.label for one in page.expander)


def test_a_file_that_is_no_suite_is_answered_with_a_sentence(open_page: OpenPage) -> None:
    page = from_file(open_page("suites"), b"text,seconds\na,4\n")
    assert "must name the columns" in page.error[0].value
    assert not any(one.label.startswith(START) for one in page.button)


@pytest.mark.parametrize("name", ["ours.yaml", "ours.jsonl"])
def test_other_formats(open_page: OpenPage, name: str) -> None:
    rows = {"ours.yaml": b"- a ball\n- a cat\n", "ours.jsonl": b'"a ball"\n"a cat"\n'}
    page = from_file(open_page("suites"), rows[name], name)
    assert list(page.dataframe[0].value["Prompt"]) == ["a ball", "a cat"]


def test_a_budget_stops_it_before_anything_is_kept_and_everything_typed_stays(
    app: Services, open_page: OpenPage
) -> None:
    app.set_budget(Budget(run_dollars=1.0))
    page = from_file(open_page("suites"), ROWS)
    page.number_input(key="suite:form/repeats").set_value(3).run()
    assert "per run" in said(page)
    start(page)
    assert "more than the budget of" in page.error[0].value
    assert not list(app.store.suite_runs.list())
    assert page.number_input(key="suite:form/repeats").value == 3
    assert "a ball falls" in list(page.dataframe[0].value["Prompt"])


def test_two_clicks_start_one_run(app: Services, open_page: OpenPage) -> None:
    page = from_file(open_page("suites"), ROWS)
    button = next(one for one in page.button if one.label.startswith(START))
    button.click().run()
    assert all(one.key != button.key for one in page.button)
    assert len(list(app.store.suite_runs.list())) == 1


def begun(app: Services) -> SuiteRun:
    return app.suites.start(app.suites.preview(built_in_suite(), ARMS, seconds=8, size="1280x720"))


def test_a_run_that_was_stopped_in_planning_is_resumed_with_a_click(app: Services, open_page: OpenPage) -> None:
    run = begun(app)
    gone = app.store.comparisons.get(run.comparison_id(run.suite.prompts[0]))
    for table, column in (
        (takes, "comparison_id"),
        (tags, "comparison_id"),
        (arms, "comparison_id"),
        (comparisons, "id"),
    ):
        app.store.database.run(table.delete().where(table.c[column] == gone.id))
    app.store.suite_runs.save(dataclasses.replace(run, is_planned=False))
    page = open_page("suites", run=run.id)
    assert "stopped while it was being planned" in said(page)
    next(one for one in page.button if one.label == "Resume").click().run()
    assert app.suites.find(run.id).is_planned
    assert app.store.comparisons.has(gone.id)
    assert "stopped while" not in said(page)


def test_send_no_more_leaves_signals_for_what_waits(app: Services, open_page: OpenPage) -> None:
    run = begun(app)
    page = open_page("suites", run=run.id)
    next(one for one in page.button if one.label == "Send no more").click().run()
    assert not page.exception
    waiting = [take for take in app.suites.takes_of(run) if take.state is TakeState.PLANNED]
    assert set(app.coordination.signalled()) == {take.id for take in waiting}


def test_an_unknown_run_in_the_address_leaves_a_page_that_works(open_page: OpenPage) -> None:
    page = open_page("suites", run="run_<b>nowhere</b>")
    assert "There is no suite run" in page.error[0].value
    assert metrics(page)
