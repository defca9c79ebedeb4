"""`versions` as people and scripts use it: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import select

from sora_compare.cli import main
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.store.codec import from_json, to_json
from sora_compare.store.store import open_store
from sora_compare.store.tables import audit_entries
from tests.commands.terminal import run
from tests.simulation import KEY, Simulation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Said(NamedTuple):
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


WHY = ("--reason", "a test")
Versions = "Callable[..., Said]"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def versions(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`versions …` in this process, which is quicker than one of its own."""
    monkeypatch.setenv("SORA_COMPARE_HOME", str(home))
    for name in ("DEPLOY_ENV", "OPENAI_BASE_URL", "OPENAI_API_KEY", "SORA_COMPARE_POLICY"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = main(["versions", *words])
        except SystemExit as left:
            code = int(left.code or 0)
        return Said(code, *capsys.readouterr())

    return call


def test_show_tells_every_environment_and_warns_of_retirement(versions: Callable[..., Said]) -> None:
    found = versions("show", "--json").document
    there = found["environments"]
    assert {name: one["model"] for name, one in there.items()} == {
        "development": ALIAS, "test": DEFAULT_B, "staging": DEFAULT_B, "production": DEFAULT_A,
    }  # fmt: skip
    assert [one["is_locked"] for one in there.values()] == [False, True, True, True]
    assert there["development"]["snapshot"] == DEFAULT_B
    assert all("was retired on 2026-09-24" in one["warnings"][0] for one in there.values())
    assert {one["model"] for one in found["retirements"]} == {DEFAULT_A, DEFAULT_B}
    for_people = versions("show")
    assert "production   locked to sora-2-2025-10-06" in for_people.out
    assert "warning: sora-2-2025-10-06 was retired" in for_people.out


@pytest.mark.parametrize(
    ("words", "use", "snapshot", "phase"),
    [
        (("production",), DEFAULT_A, DEFAULT_A, "retired"),
        ((ALIAS,), ALIAS, DEFAULT_B, "retired"),
        ((ALIAS, "--on", "2026-01-12"), ALIAS, DEFAULT_A, "will be retired"),
        ((ALIAS, "--on", "2026-01-13"), ALIAS, DEFAULT_B, "will be retired"),
        ((), ALIAS, DEFAULT_B, "retired"),
    ],
)
def test_resolve_tells_what_a_name_means(
    versions: Callable[..., Said], words: tuple[str, ...], use: str, snapshot: str, phase: str
) -> None:
    found = versions("resolve", *words, "--json").document
    assert (found["use"], found["snapshot"], found["phase"]) == (use, snapshot, phase)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("resolve", "sora-9"), 2, "no snapshot “sora-9”. There are: development, test"),
        (("resolve", ALIAS, "--on", "yesterday"), 2, "give a day such as 2026-01-13"),
        (("lock", "prod", DEFAULT_A, "--force"), 2, "no environment “prod”"),
        (("lock", "production", "sora-9"), 2, "no snapshot “sora-9”"),
        (("lock", "production", DEFAULT_B), 2, "was retired on 2026-09-24"),
        (("lock", "production", DEFAULT_B, "--force", "--revision", "3"), 1, "revision 3, now 0"),
        (("switch", "production", "newest"), 2, "There are: stable, latest, alias"),
        (("switch", "prod", "latest"), 2, "no environment “prod”"),
        (("undo", "prod"), 2, "no environment “prod”"),
        (("undo", "production"), 2, "nothing to undo in production"),
        (("rollback", "prod"), 2, "no environment “prod”"),
        (("canary", "start", "production", DEFAULT_B), 2, "was retired on"),
        (("canary", "start", "production", DEFAULT_B, "--force", "--window-h", "2"), 2, "24 to 48 h"),
        (("canary", "start", "production", DEFAULT_B, "--force", "--slowdown", "-1"), 2, "0 or more"),
        (("canary", "step", "production"), 2, "No canary runs"),
        (("canary", "check", "production"), 2, "No canary runs"),
        (("canary", "stop", "production"), 2, "No canary runs"),
        (("log", "--limit", "-1"), 2, "0 or more"),
        (("log", "--to", "log.xml"), 2, "end it in .jsonl or .csv"),
        (("log", "--verify", "--noted", "12"), 2, "NUMBER:HASH"),
        (("guide", "--answer", "features=maybe"), 2, "QUESTION=yes or QUESTION=no"),
        (("checklist", "prod"), 2, "no environment “prod”"),
        (("drift", "--model", "sora-9"), 2, "no snapshot “sora-9”. There are: sora-2, sora-2-2025-10-06"),
        (("show", "--policy", "/nowhere/at/all/policy.toml"), 0, ""),
    ],
)
def test_what_cannot_be_done_is_one_sentence_with_its_exit_code(
    versions: Callable[..., Said], words: tuple[str, ...], code: int, sentence: str
) -> None:
    found = versions(*words)
    assert found.code == code
    assert sentence in found.err
    assert "Traceback" not in found.err


def test_a_policy_file_with_an_error_is_told_with_line_and_column(
    versions: Callable[..., Said], tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        'format = 1\n[versions]\nstable = "sora-2"\n[environments.production]\n  model = "sora-9"\n', "utf-8"
    )
    found = versions("show", "--policy", str(path))
    assert found.code == 2
    assert "policy.toml, line 5, column 3: the registry has no snapshot “sora-9”" in found.err


def test_from_lock_to_rollback_to_log(versions: Callable[..., Said], tmp_path: Path) -> None:
    locked = versions("lock", "production", DEFAULT_B, "--force", "--by", "maria", "--reason", "go", "--json").document
    assert (locked["model"], locked["previous"], locked["revision"]) == (DEFAULT_B, DEFAULT_A, 1)
    back = versions("rollback", "production", "--reason", "faces melt")
    assert back.code == 0
    assert f"production uses {DEFAULT_A} (revision 2)." in back.out
    assert versions("switch", "staging", "stable").code == 0
    log = versions("log", "--json").document
    assert [one["event"] for one in log["entries"]] == ["lock", "rollback", "switch"]
    assert [one["number"] for one in versions("log", "--event", "rollback", "--json").document["entries"]] == [2]
    verified = versions("log", "--verify", "--json").document
    assert (verified["is_intact"], verified["count"]) == (True, 3)
    noted = f"{verified['count']}:{verified['head']}"
    assert versions("log", "--verify", "--noted", noted).code == 0
    assert versions("log", "--verify", "--noted", f"2:{verified['head']}").code == 1
    for name in ("log.jsonl", "log.csv"):
        assert versions("log", "--to", str(tmp_path / name)).code == 0
    lines = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["facts"].get("by") for line in lines] == ["maria", "command line", "command line"]
    assert len((tmp_path / "log.csv").read_text("utf-8").splitlines()) == 4


def test_undo_goes_back_and_rollback_goes_to_stable(versions: Callable[..., Said]) -> None:
    versions("lock", "staging", ALIAS, "--force")
    undone = versions("undo", "staging", "--by", "maria", "--reason", "wrong one", "--json").document
    assert (undone["model"], undone["previous"]) == (DEFAULT_B, ALIAS)
    assert versions("rollback", "staging", "--json").document["model"] == DEFAULT_A
    assert versions("undo", "staging", "--json").document["model"] == DEFAULT_B
    entry = versions("log", "--event", "undo", "--json").document["entries"][0]
    assert (entry["facts"]["from"], entry["facts"]["to"], entry["facts"]["reason"]) == (ALIAS, DEFAULT_B, "wrong one")
    versions("canary", "start", "staging", DEFAULT_A, "--force")
    refused = versions("undo", "staging")
    assert refused.code == 2
    assert f"A canary of {DEFAULT_A} runs in staging" in refused.err


@pytest.mark.parametrize(
    "words",
    [
        ("lock", "production", DEFAULT_B, "--force"),
        ("switch", "production", "latest"),
        ("canary", "start", "production", DEFAULT_B, "--force"),
        ("needs-reason", "production", "no"),
    ],
)
def test_production_wants_a_reason_and_the_evidence_is_said(
    versions: Callable[..., Said], words: tuple[str, ...]
) -> None:
    refused = versions(*words)
    assert refused.code == 2
    assert "Say why: production wants a reason for this change" in refused.err
    assert versions(*words, "--reason", " ").code == 2
    done = versions(*words, "--reason", "December is better on motion")
    assert done.code == 0
    details = versions("log", "--limit", "1", "--json").document["entries"][0]["facts"]
    assert details["reason"] == "December is better on motion"
    if words[0] in {"lock", "canary"}:
        assert f"Evidence for {DEFAULT_B} in production: 0 of 14 items, too few prompts" in done.err
        assert details["evidence"].startswith("0 of 14 items, too few prompts")


def test_widening_in_production_wants_a_reason_too(versions: Callable[..., Said]) -> None:
    versions("canary", "start", "production", DEFAULT_B, "--force", *WHY)
    refused = versions("canary", "step", "production", "--force")
    assert (refused.code, "Say why: production" in refused.err) == (2, True)
    assert versions("canary", "step", "production", "--force", *WHY).code == 0


def test_an_environment_can_be_told_to_want_a_reason(versions: Callable[..., Said], tmp_path: Path) -> None:
    assert versions("needs-reason", "staging", "yes").code == 0
    assert versions("switch", "staging", "stable").code == 2
    assert "staging      locked to sora-2-2025-12-08; changes want a reason" in versions("show").out
    path = tmp_path / "policy.toml"
    path.write_text(
        f'format = 1\n[versions]\nstable = "{DEFAULT_A}"\n[environments.production]\nmodel = "{DEFAULT_A}"\n'
        f'needs_reason = false\n[environments.lab]\nmodel = "{DEFAULT_A}"\nneeds_reason = true\n',
        "utf-8",
    )
    kept = ("--policy", str(path), "--force")
    assert versions("lock", "production", DEFAULT_B, *kept).code == 0
    assert versions("lock", "lab", DEFAULT_B, *kept).code == 2
    assert path.read_text("utf-8").count("needs_reason = ") == 2
    path.write_text(path.read_text("utf-8").replace("needs_reason = true", 'needs_reason = "yes"'), "utf-8")
    assert "needs_reason is 'yes': give true or false" in versions("show", "--policy", str(path)).err


def test_a_changed_entry_is_located(versions: Callable[..., Said], home: Path) -> None:
    for key in ("stable", "latest", "stable"):
        versions("switch", "staging", key)
    store = open_store(home)
    second = audit_entries.c.number == 2
    entry = from_json(store.database.value(select(audit_entries.c.entry).where(second)))
    changed = {**entry, "facts": {**entry["facts"], "by": "nobody"}}
    store.database.run(audit_entries.update().where(second), {"entry": to_json(changed)})
    store.close()
    found = versions("log", "--verify", "--json")
    assert found.code == 1
    assert [one["number"] for one in found.document["faults"]] == [2]
    assert "Entry 2 was changed" in versions("log", "--verify").out


def test_a_canary_on_the_command_line(versions: Callable[..., Said]) -> None:
    started = versions("canary", "start", "production", DEFAULT_B, "--force", "--only-tell", *WHY, "--json").document
    assert started["canary"] == {"candidate": DEFAULT_B, "share": 10}
    found = {versions("resolve", "production", "--key", str(n), "--json").document["use"] for n in range(120)}
    assert found == {DEFAULT_A, DEFAULT_B}
    checked = versions("canary", "check", "production", "--json")
    assert checked.code == 3
    assert any("no verdict on physics" in one for one in checked.document["missing"])
    assert "model" not in {one["rail"] for one in checked.document["rails"]}
    refused = versions("canary", "step", "production")
    assert refused.code == 3
    assert "The window is 24 h" in refused.err
    assert versions("canary", "step", "production", "--force", *WHY, "--json").document["canary"]["share"] == 25
    assert "canary: 25 % of keys" in versions("show").out
    assert versions("canary", "stop", "production").code == 0


def test_the_checklist_and_the_guide_tell_what_is_missing(versions: Callable[..., Said]) -> None:
    found = versions("checklist", "--json")
    assert found.code == 3
    assert len(found.document["steps"]) == 4
    assert not any(one["is_done"] for one in found.document["items"])
    assert "Compare 20 more prompts." in versions("checklist").out
    guide = versions("guide", "--answer", "features=no", "--answer", "stability=yes", "--json").document
    assert len(guide["situations"]) == 7
    assert (guide["decision"]["role"], guide["decision"]["model"]) == ("stable", DEFAULT_A)
    assert len(guide["decision"]["plan"]) == 3


def test_json_is_one_document_and_messages_go_to_standard_error(home: Path) -> None:
    message = run("versions", "lock", "production", DEFAULT_B, "--force", *WHY, "--json", home=home)
    assert message.code == 0
    assert message.document["model"] == DEFAULT_B
    assert "was retired on 2026-09-24" in message.err


def test_every_verb_has_help(versions: Callable[..., Said]) -> None:
    verbs = (
        "show",
        "resolve",
        "lock",
        "switch",
        "undo",
        "rollback",
        "needs-reason",
        "canary",
        "log",
        "checklist",
        "guide",
        "drift",
    )
    for words in [(), *((verb,) for verb in verbs), *(("canary", one) for one in ("start", "step", "check", "stop"))]:
        message = versions(*words, "--help")
        assert message.code == 0
        assert message.out.startswith("usage:")


def test_drift_makes_a_baseline_and_then_raises_an_alarm(
    versions: Callable[..., Said], simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", simulation.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SORA_COMPARE_POLL_S", "0.05")
    found = versions("drift", "--json")
    assert (found.code, found.document["takes"], found.document["last"], simulation.jobs_created) == (3, 16, None, 0)
    first = versions("drift", "--run", "--json")
    assert first.code == 0, first.err
    assert first.document["is_baseline"]
    simulation.faults({"on": "create", "fault": "status", "code": 400})
    lost = versions("drift", "--run", "--json")
    assert lost.code == 1
    assert any("8 of 8 takes failed" in one for one in lost.document["alarms"])
    log = versions("log", "--event", "drift", "--json").document["entries"]
    assert [len(one["facts"]["alarms"]) for one in log] == [0, 1]
    assert "8 of 8 takes failed" in versions("drift").out


def test_the_rail_of_the_model_is_asked_for_by_a_flag(versions: Callable[..., Said]) -> None:
    assert versions("canary", "start", "production", DEFAULT_B, "--force", "--check-model", *WHY).code == 0
    rails = versions("canary", "check", "production", "--json").document["rails"]
    assert [one["is_broken"] for one in rails if one["rail"] == "model"] == [False]
