"""Which code and which data a report was made from."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sora_compare
from sora_compare.reports.report_json import to_jsonable

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Findings


@cache
def code_version() -> str:
    """SHA-256 over the package's own Python and data files: another byte is another version."""
    root = Path(sora_compare.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".toml", ".css", ".html"}:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def data_version(findings: Findings) -> str:
    """SHA-256 over everything the findings rest on."""
    ratings, digest = findings.ratings, hashlib.sha256()
    names = (ratings.criteria, ratings.reviewers, ratings.pairs.names, ratings.pairs.prompts, ratings.pairs.tags)
    takes = [(take.id, take.version, str(take.state)) for take in findings.takes]
    parts = [names, takes, to_jsonable(findings.selection), to_jsonable(findings.analysis.rules)]
    digest.update(json.dumps(parts, ensure_ascii=False).encode())
    for column in (ratings.pair, ratings.reviewer, ratings.scores, ratings.preference, ratings.left, ratings.kind):
        digest.update(column.tobytes())
    return digest.hexdigest()
