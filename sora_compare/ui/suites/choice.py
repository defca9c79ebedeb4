"""Which suite: the built-in one, or a file; and what is in it, broken rows included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.comparisons import Suite
from sora_compare.errors import UsageError
from sora_compare.suites.reading import FIELDS, FILE_LIMIT, READERS, built_in_suite, read_suite
from sora_compare.ui.components.formats import escape_markdown, excerpt

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import BrokenRow
    from sora_compare.ui.shell.drafts import Draft

BUILT_IN, FILE = "Built-in", "From a file"
UPLOAD = "suites/file"
LARGEST_MB = FILE_LIMIT // 1_000_000
READ = "suites/read"
"""Session key: the name of the file read last, its content's hash, and the suite or the sentence that came of it."""
TABLE_HEIGHT = 320
EXAMPLE = """prompt,tags,seconds,size
"A red ball rolls off a table, bounces twice and stops",gravity; collision,8,1280x720
"A person looks up and smiles",faces,,
"""


def choose_suite(draft: Draft) -> Suite | None:
    """The suite to run; None until there is one that can be read."""
    where = st.segmented_control(
        "Suite",
        [BUILT_IN, FILE],
        key=draft.fill("where", BUILT_IN, among=(BUILT_IN, FILE)),
        on_change=draft.save,
        required=True,
    )
    if where != FILE:
        st.markdown("Two prompts or more for every row of the article's physics and quality tables.")
        return built_in_suite()
    file = st.file_uploader(
        "CSV, JSONL or YAML", type=list(READERS), key=UPLOAD, max_upload_size=LARGEST_MB, on_change=_forget_removed
    )
    if file is not None:
        _read(file.name, file.file_id, file.getvalue())
    elif READ not in st.session_state:
        _explain()
    return _last_read()


def _explain() -> None:
    names = ", ".join(FIELDS)
    st.caption(f"One prompt a row. Fields: {escape_markdown(names)}; only the prompt is needed.")
    st.code(EXAMPLE, language="csv")


def _read(name: str, identifier: str, content: bytes) -> None:
    """Read a file once, not at every run of the page."""
    known = st.session_state.get(READ)
    if known and known[0] == identifier:
        return
    try:
        outcome: Suite | str = read_suite(name, content)
    except UsageError as error:
        outcome = str(error)
    st.session_state[READ] = (identifier, outcome)


def _forget_removed() -> None:
    if st.session_state[UPLOAD] is None:
        st.session_state.pop(READ, None)


def _last_read() -> Suite | None:
    """What was read last; it stays when the page is left and opened again."""
    outcome = st.session_state.get(READ, (None, None))[1]
    if isinstance(outcome, str):
        st.error(escape_markdown(outcome), icon=":material/error:")
    return outcome if isinstance(outcome, Suite) else None


def render_suite(suite: Suite) -> None:
    """Its rows as a table, then the rows that cannot be used, by their lines."""
    count = len(suite.prompts)
    st.dataframe(
        _rows(suite),
        height=TABLE_HEIGHT if count > 8 else "auto",  # noqa: PLR2004  # about what fits into that height
        hide_index=True,
        column_config={"Prompt": st.column_config.TextColumn(width="large")},
        alt=f"The prompts of {suite.name}",
    )
    if suite.broken:
        render_left_out(f"{counted(len(suite.broken), 'row')} of the file cannot be used", suite.broken)


def _rows(suite: Suite) -> list[dict[str, Any]]:
    """For the table, without columns that no row fills."""
    rows = [_row(one) for one in suite.prompts]
    filled = {name for row in rows for name, value in row.items() if value != ""}
    return [{name: value for name, value in row.items() if name in filled} for row in rows]


def _row(one: Any) -> dict[str, Any]:  # noqa: ANN401  # a row of the table
    record = {"Line": one.line, "Prompt": excerpt(one.prompt, 200), "Tags": ", ".join(one.tags)}
    own = {"Seconds": one.seconds, "Size": one.size, "Seed": one.seed, "Style": one.style, "Pairs": one.repeats}
    return record | {name: "" if value is None else str(value) for name, value in own.items()}


def counted(number: int, word: str) -> str:
    """A number and its noun."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def render_left_out(words: str, rows: tuple[BrokenRow, ...]) -> None:
    """Rows that are left out: each with its line and the reason."""
    with st.expander(f"{words}: the others run", icon=":material/warning:", expanded=len(rows) <= 3):  # noqa: PLR2004  # a few need no click
        st.markdown("\n".join(f"- Line {row.line}: {escape_markdown(row.sentence)}" for row in rows[:200]))
        if len(rows) > 200:  # noqa: PLR2004  # nobody reads more
            st.caption(f"and {len(rows) - 200:,} more")
