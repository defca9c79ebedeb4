"""`python -m benchmarks NAME [--json]`: run one benchmark and print its figures."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.figures import Figure

NOT_BENCHMARKS = {"__main__", "figures"}


def names() -> list[str]:
    """The benchmarks there are: the modules of this package that have `figures()`."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(m.name for m in modules if m.name not in NOT_BENCHMARKS and not m.name.startswith("_"))


def as_line(figure: Figure) -> str:
    """One figure for people."""
    beside = f"  ({figure.ratio:.3f} x {figure.against})" if figure.ratio is not None else ""
    return f"{figure.name:24} {figure.value:12.3f} {figure.unit}{beside}  n={figure.n}"


def main(arguments: list[str] | None = None) -> int:
    """Run the named benchmark; 0 when it ran to its end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument("--json", action="store_true", help="print one JSON list and nothing else")
    given = parser.parse_args(arguments)
    figures: list[Figure] = importlib.import_module(f"benchmarks.{given.name}").figures()
    if given.json:
        print(json.dumps([dataclasses.asdict(figure) for figure in figures], indent=2))
    else:
        print("\n".join(as_line(figure) for figure in figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
