"""The audit trail of one comparison: every request with its parameters, ids and outcome."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.ui.components.formats import date, escape_markdown

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.store.store import Store

SHOWN = {
    "who": "Who",
    "event": "Event",
    "arm": "Arm",
    "endpoint": "Endpoint",
    "model": "Model asked for",
    "echoed_model": "Model as echoed",
    "job_id": "Job",
    "request_id": "Request",
    "state": "Outcome",
    "take": "Take",
}


def render_audit(store: Store, comparison: Comparison) -> None:
    """The trail, read when it is unfolded, and the whole of it as a file."""
    place = st.expander("Audit trail", icon=":material/receipt_long:", key=f"audit/{comparison.id}", on_change="rerun")
    if not place.open:
        return
    with place:
        events = [
            {"at": one.at, "event": one.event, **one.facts} for one in store.audit_log.of_comparison(comparison.id)
        ]
        if not events:
            st.caption("Nothing was asked of an endpoint for this comparison yet.")
            return
        st.dataframe([_row(one) for one in events], hide_index=True, alt="Every request of this comparison")
        last = {one["take"]: one for one in events}
        for take, one in last.items():
            with st.popover(f"Parameters of {one.get('arm')}, {escape_markdown(take)}", icon=":material/data_object:"):
                st.json(one.get("request"), expanded=True)
        st.download_button(
            "Download as JSON",
            json.dumps(events, indent=2, ensure_ascii=False),
            file_name=f"audit-{comparison.id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )


def _row(event: dict[str, Any]) -> dict[str, str]:
    record = {title: str(event.get(name) or "") for name, title in SHOWN.items()}
    problem = event.get("problem") or {}
    return {"When": date(event["at"]), **record, "Why": str(problem.get("sentence", ""))}
