"""The policy as a TOML file: what people write wrong is told with its place, what we write reads back the same."""

from __future__ import annotations

import multiprocessing
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.canaries import LONGEST_WINDOW_S, SHORTEST_WINDOW_S, STEPS, Canary
from sora_compare.domain.guard_rails import GuardRails
from sora_compare.domain.policies import Change, Environment, Policy, default_policy
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B, registry
from sora_compare.errors import ConfigurationError
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.file import policy_text, read_policy, write_policy
from sora_compare.releases.policy.repository import PolicyFile
from sora_compare.releases.policy.toml_places import TomlFileBroken

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.store.store import Store

GOOD = f"""\
# Owned by the video team; ask before you change production.
# Second line.
format = 1
revision = 4

[versions]
stable = "{DEFAULT_A}"
latest = "{DEFAULT_B}"
alias = "{ALIAS}"

[environments.staging]
model = "{DEFAULT_B}"

[environments.production]
model = "{DEFAULT_A}"

[environments.production.canary]
candidate = "{DEFAULT_B}"
share = 10
salt = "a1"
started = 2026-11-01T10:00:00Z
step_started = 2026-11-01T10:00:00Z
rails = {{ slowdown = false, least = 5 }}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def test_a_policy_written_by_hand_is_read(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    policy, _ = read_policy(path, registry())
    canary = policy.environments["production"].canary
    assert canary is not None
    assert (canary.share, canary.window_s, canary.is_automatic) == (10, SHORTEST_WINDOW_S, True)
    assert canary.rails == GuardRails(slowdown=None, least=5)
    assert policy.revision == 4


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        ("format = 1", "format = 2", (3, 1), "this version reads format = 1"),
        ("format = 1\n", "", (1, 1), "format is None"),
        ("revision = 4", 'revision = "4"', (4, 1), "revision is '4': give a whole number"),
        ("revision = 4", "revison = 4", (4, 1), "no field “revison” here: use format, revision"),
        (f'stable = "{DEFAULT_A}"\n', "", (6, 2), "names no stable version"),
        (f'latest = "{DEFAULT_B}"', 'latest = "sora-3"', (8, 1), "no snapshot “sora-3”. There are: sora-2-2025-10-06"),
        (f'[environments.production]\nmodel = "{DEFAULT_A}"', "[environments.production]", (14, 2), "has no model"),
        (f'model = "{DEFAULT_B}"', "  modle = 1", (12, 3), "no field “modle”"),
        ("share = 10", "share = 11", (19, 1), "give one of 10, 25, 50, 100 percent"),
        ("share = 10", "share = true", (19, 1), "share is True: give a whole number"),
        ('salt = "a1"', "", (17, 2), "the canary has no salt"),
        ("started = 2026-11-01T10:00:00Z", "started = 2026-11-01T10:00:00", (21, 1), "give a moment such as"),
        ("rails = {", "window_s = 60\nrails = {", (23, 1), "window_s is 60: give 86400 to 172800"),
        ("least = 5", "least = -5", (23, 1), "the rail least is -5"),
        ("least = 5", "speed = 5", (23, 1), "no field “speed”"),
        ("[environments.staging]", "[environments.staging", (11, 22), "this is not TOML"),
        ("[versions]", "[version]", (6, 2), "no field “version”"),
        ("format = 1", 'format = 1\nregistry = "mine.toml"', (4, 1), "mine.toml cannot be read"),
        ("format = 1", "format = 1\nhistory = 3", (4, 1), "under [[history]]"),
        ("rails =", "[[history]]\nat = 1\n#", (23, 3), "the change has no event"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_and_column(
    path: Path, old: str, new: str, place: tuple[int, int], sentence: str
) -> None:
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(TomlFileBroken) as caught:
        read_policy(path, registry())
    assert sentence in str(caught.value)
    assert f"line {place[0]}, column {place[1]}" in str(caught.value)
    assert (caught.value.line, caught.value.column) == place


def test_a_registry_beside_the_policy_makes_its_snapshots_known(path: Path) -> None:
    path.with_name("mine.toml").write_text('[[snapshot]]\nid = "wan-3-2026-05-01"\nreleased = 2026-05-01\n', "utf-8")
    text = GOOD.replace("format = 1", 'format = 1\nregistry = "mine.toml"').replace(DEFAULT_B, "wan-3-2026-05-01")
    path.write_text(text, "utf-8")
    policy, known = read_policy(path, registry())
    assert policy.environments["staging"].model == "wan-3-2026-05-01"
    assert known.knows("wan-3-2026-05-01")


models = st.sampled_from([DEFAULT_A, DEFAULT_B, ALIAS])
moments = st.integers(0, 4_000_000_000_000).map(lambda n: n / 1000)
limits = st.none() | st.floats(0, 100)
words = st.text(max_size=12)
canaries = st.builds(
    Canary, models, st.sampled_from(STEPS), words, moments, moments,
    st.floats(SHORTEST_WINDOW_S, LONGEST_WINDOW_S), st.booleans(),
    st.builds(GuardRails, limits, limits, limits, st.integers(0, 99)), st.integers(0, 10**9),
)  # fmt: skip
changes = st.builds(Change, moments, words, words, words, words, words, words)
names = st.text(min_size=1, max_size=8)
environments = st.dictionaries(
    names,
    st.tuples(models, st.none() | models, st.none() | canaries, st.none() | st.booleans()),
    min_size=1,
    max_size=3,
)
policies = st.builds(
    lambda told, revision, history: Policy(
        {"stable": DEFAULT_A}, {n: Environment(n, *one) for n, one in told.items()}, revision, tuple(history)
    ),
    environments, st.integers(0, 10**6), st.lists(changes, max_size=2),
)  # fmt: skip


@settings(deadline=None)
@given(policy=policies)
def test_any_policy_reads_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> None:
    path = tmp_path_factory.getbasetemp() / "round.toml"
    path.write_text(policy_text(policy), "utf-8", newline="\n")
    back, _ = read_policy(path, registry())
    assert back == policy


def test_writing_changes_what_changed_and_leaves_comments_and_order_alone(path: Path) -> None:
    text = policy_text(default_policy()).replace("[versions]", "# What we call them.\n[versions]  # by role")
    text = text.replace("[environments.production]", "[environments.production]\n# Ask Kim first.")
    path.write_text(text, "utf-8")
    policy, _ = read_policy(path, registry())
    production = replace(policy.environments["production"], model=DEFAULT_B, previous=DEFAULT_A)
    changes = tuple(Change(1e9 + n, "lock", "production", DEFAULT_A, DEFAULT_B, "Kim") for n in range(3))
    for n in range(3):
        found = {**policy.environments, "production": production}
        write_policy(path, replace(policy, revision=n + 1, environments=found, history=changes[: n + 1]))
        if n == 0:
            path.write_text(path.read_text("utf-8").replace("event =", "# the first\nevent =", 1), "utf-8")
    kept = [one for one in path.read_text("utf-8").splitlines() if "#" in one]
    assert kept == [*(one for one in text.splitlines() if "#" in one), "# the first"]
    assert read_policy(path, registry())[0].history == changes
    assert read_policy(path, registry())[0].environments["production"] == production


def test_writing_keeps_the_leading_comments_and_the_files_mode(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    path.chmod(0o640)
    policy, _ = read_policy(path, registry())
    write_policy(path, replace(policy, revision=5))
    assert path.read_text("utf-8").startswith("# Owned by the video team; ask before you change production.\n# Second")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["policy.toml"]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / f"{'p' * 245}.toml"  # its name leaves no room for that of a temporary file
    path.write_text(GOOD, "utf-8")
    with pytest.raises(ConfigurationError, match="cannot be used: file name too long"):
        write_policy(path, default_policy())
    assert path.read_text("utf-8") == GOOD


def test_what_a_killed_writer_left_is_cleared_away(path: Path, store: Store, home: Path) -> None:
    path.write_text(GOOD, "utf-8")
    path.with_name(".policy.toml.abc.part").write_text("half", "utf-8")
    Releases(PolicyFile(path, home), store.audit_log).switch("staging", "latest")
    assert not list(path.parent.glob(".policy.toml*"))


def test_a_missing_folder_is_a_sentence(store: Store, home: Path, tmp_path: Path) -> None:
    releases = Releases(PolicyFile(tmp_path / "no" / "policy.toml", home), store.audit_log)
    assert releases.policy == default_policy()
    with pytest.raises(ConfigurationError, match="its folder does not exist"):
        releases.switch("test", "latest")


def test_an_edit_by_hand_between_look_and_write_is_not_overwritten(path: Path, store: Store, home: Path) -> None:
    path.write_text(GOOD, "utf-8")
    policies = PolicyFile(path, home)
    seen = policies.read()
    path.write_text(GOOD.replace(f'model = "{DEFAULT_B}"', f'model = "{ALIAS}"'), "utf-8")
    with pytest.raises(ConfigurationError.__mro__[1], match="changed by somebody else"):
        policies.write(replace(seen, revision=5), seen, lambda: store.audit("switch"))
    assert ALIAS in path.read_text("utf-8")
    assert list(store.audit_trail()) == []


def test_a_file_broken_while_a_service_runs_changes_nothing_and_is_told_once(
    path: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(GOOD, "utf-8")
    policies = PolicyFile(path, home)
    good = policies.read_cached()
    path.write_text("format = ", "utf-8")
    assert [policies.read_cached() for _ in range(3)] == [good] * 3
    assert caplog.text.count("the last good policy stays in use") == 1
    path.write_text(GOOD.replace("revision = 4", "revision = 9"), "utf-8")
    assert policies.read_cached().revision == 9


def _write_for_ever(path: Path, letters: str, resume: multiprocessing.Event) -> None:  # type: ignore[valid-type]  # an event of any context
    number = 0
    while resume.is_set():  # type: ignore[attr-defined]  # an event of any context
        number += 1
        history = tuple(Change(0.0, letters * 20, "test", "a", "b", letters) for _ in range(number % 40))
        write_policy(path, replace(default_policy(), revision=number, history=history))


@pytest.mark.heavy
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    resume = context.Event()
    resume.set()
    for _ in range(2):
        write_policy(path, default_policy())
        writer = context.Process(target=_write_for_ever, args=(path, "x", resume))
        writer.start()
        seen = set()
        while len(seen) < 5:
            seen.add(read_policy(path, registry())[0].revision)
        writer.kill()
        writer.join()
        read_policy(path, registry())


def test_the_rail_of_the_model_is_a_switch_in_the_file(path: Path) -> None:
    path.write_text(GOOD.replace("least = 5", "least = 5, is_model_checked = true"), "utf-8")
    policy, _ = read_policy(path, registry())
    canary = policy.environments["production"].canary
    assert canary is not None
    assert canary.rails == GuardRails(slowdown=None, least=5, is_model_checked=True)
    assert "is_model_checked = true" in policy_text(policy)
    path.write_text(policy_text(policy).replace("is_model_checked = true", "is_model_checked = false"), "utf-8")
    canary = read_policy(path, registry())[0].environments["production"].canary
    assert canary is not None
    assert canary.rails.is_model_checked is False
    path.write_text(GOOD.replace("least = 5", "least = 5, is_model_checked = 3"), "utf-8")
    with pytest.raises(TomlFileBroken, match="is_model_checked is 3: give true or false"):
        read_policy(path, registry())
