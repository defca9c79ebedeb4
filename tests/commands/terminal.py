"""The command line as somebody types it: a process, its exit code, and what it wrote where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401  # whatever JSON holds
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


def environment(home: Path, **changes: str) -> dict[str, str]:
    """The environment of a user with this data folder and nothing else set."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "SORA_COMPARE_HOME": str(home), "PYTHONPATH": str(PROJECT), **changes}


def run(*words: str, home: Path, cwd: Path | None = None, timeout_s: float = 120, **changes: str) -> Said:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "sora_compare", *words],
        env=environment(home, **changes),
        cwd=cwd or home.parent,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def is_one_sentence(text: str) -> bool:
    """One line for people that ends like a sentence, and no traceback."""
    line = text.strip()
    return "\n" not in line and line.endswith(".") and "Traceback" not in line
