"""What happened: the policy's changes as a time line, then the audit log with its check and its files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.policies import HISTORY_LIMIT
from sora_compare.releases.audit_export import as_json_lines, log_csv, noted_entry
from sora_compare.ui.components.formats import ago, date, escape_markdown
from sora_compare.ui.components.paging import Paging
from sora_compare.ui.shell.boundary import boundary
from sora_compare.ui.versions.words import ICONS, OTHER, describe_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sora_compare.domain.policies import Change
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.services import Services
    from sora_compare.store.audit import AuditLog, Entry, Verification

SHOWN = 200
TABLE_HEIGHT = 420
CHECKED = "versions/checked"
"""Session key: what the last check of the chain found."""
ICON_COLOURS = {"rollback": "orange", "canary rolled back": "red"}


def render_history(opened: Services) -> None:
    """The time line and the log; the log can be read where the policy cannot."""
    st.markdown("##### Changes of the policy")
    with boundary():
        _time_line(opened.governance)
    st.markdown("##### Audit log")
    log = opened.governance.releases.log
    st.caption(
        f"{log.count:,} entries: every use, change and refusal, each chained to the one before by its SHA-256. "
        "Nothing is ever changed or removed."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _check(log)
        _files(log)
    _render_check(log)
    _entries(log)


def _entries(log: AuditLog) -> None:
    """A page of the log, newest first."""
    paging = Paging("versions/log")
    found = log.latest(SHOWN + 1, before=int(paging.after) if paging.after else None)
    shown = found[:SHOWN]
    if not shown:
        st.info("Nothing was logged yet.", icon=":material/history:")
        return
    st.dataframe(
        [_row(one) for one in shown],
        height=TABLE_HEIGHT if len(shown) > 10 else "auto",  # noqa: PLR2004  # about what fits into that height
        hide_index=True,
        column_config={"Why": st.column_config.TextColumn(width="large")},
        alt=f"Up to {SHOWN} entries of the audit log, newest first",
    )
    paging.render(str(shown[-1].number) if shown else "", has_more=len(found) > SHOWN)


def _time_line(governance: Governance) -> None:
    releases = governance.releases
    history = releases.policy.history
    if not history:
        st.info("Nothing was changed yet: each environment is as the policy began.", icon=":material/history:")
        return
    for one in reversed(history):
        with st.expander(
            _line(one, describe_change(one, releases.registry)), type="step", icon=_icon(one), expanded=True
        ):
            st.caption(escape_markdown(one.reason) if one.reason else "No reason was given.")
    if len(history) == HISTORY_LIMIT:
        st.caption(f"The last {HISTORY_LIMIT} changes; the audit log has all of them.")


def _icon(one: Change) -> str:
    return ICONS.get(one.event, OTHER)


def _line(one: Change, sentence: str) -> str:
    colour = ICON_COLOURS.get(one.event)
    words = f":{colour}[{escape_markdown(sentence)}]" if colour else escape_markdown(sentence)
    return f"{words} &nbsp; :gray[{escape_markdown(ago(one.at))}, by {escape_markdown(one.by)}]"


def _check(log: AuditLog) -> None:
    with st.popover("Verify the chain", icon=":material/link:"), st.form("versions/verify", border=False):
        noted = st.text_input(
            "An entry noted earlier (optional)",
            placeholder="412:3f9a…",
            help="Whoever can rewrite the whole store can make a new chain; an entry noted elsewhere shows that.",
        )
        is_asked = st.form_submit_button("Verify", type="primary", icon=":material/fact_check:")
    if is_asked:
        with boundary():
            st.session_state[CHECKED] = log.verify(noted_entry(noted))


def _render_check(log: AuditLog) -> None:
    found: Verification | None = st.session_state.get(CHECKED)
    if found is None:
        return
    if found.faults:
        text = "\n".join(f"- {escape_markdown(one.sentence)}" for one in found.faults[:20])
        st.error(text, title="The chain is broken", icon=":material/link_off:")
        return
    since = f" {log.count - found.count:,} more were added since." if log.count > found.count else ""
    back = f" At {len(found.clock_steps)} of them the clock had gone back." if found.clock_steps else ""
    sentence = f"{found.count:,} entries, all as they were written.{back}{since} Note this one somewhere else:"
    st.success(sentence, title="The chain is intact", icon=":material/verified:")
    st.code(f"{found.count}:{found.head}", language=None, wrap_lines=True)


def _files(log: AuditLog) -> None:
    """Made when they are asked for, since a log may be long."""
    for name, kind, write in (("JSON Lines", "jsonl", as_json_lines), ("CSV", "csv", log_csv)):
        st.download_button(
            name,
            partial(_written, log, write),
            file_name=f"audit-log.{kind}",
            mime="text/csv" if kind == "csv" else "application/jsonl",
            icon=":material/download:",
            on_click="ignore",
            key=f"versions/download/{kind}",
        )


def _written(log: AuditLog, write: Callable[[Iterable[Entry]], str]) -> str:
    return write(log.entries())


def _row(one: Entry) -> dict[str, Any]:
    details = one.facts
    why = details.get("error") or details.get("reason") or details.get("comment") or ""
    return {
        "No.": one.number,
        "When": date(one.at),
        "Event": one.event,
        "Environment": str(details.get("environment") or ""),
        "Model": str(details.get("to") or details.get("model") or ""),
        "By": str(details.get("by") or details.get("who") or details.get("approver") or ""),
        "Why": str(why),
    }
