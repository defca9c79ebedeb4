"""The direction of imports and the rules of the house, read from the source.

`pages -> ui -> services -> {releases, reports, evidence, sessions, generation, suites, archive, …}
-> {statistics, store, clips, endpoints} -> domain`
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("sora_compare", "pages", "app.py")

DOMAIN, ERRORS, SETTINGS, FOUNDATIONS, ROOMS, SERVICES, FRONTS, PAGES = range(8)
RANKS = {
    "sora_compare.domain": DOMAIN,
    "sora_compare.errors": ERRORS,
    "sora_compare.settings": SETTINGS,
    "sora_compare.statistics": FOUNDATIONS,
    "sora_compare.store": FOUNDATIONS,
    "sora_compare.clips": FOUNDATIONS,
    "sora_compare.endpoints": FOUNDATIONS,
    "sora_compare.services": SERVICES,
    "sora_compare.ui": FRONTS,
    "sora_compare.commands": FRONTS,
    "sora_compare.web": FRONTS,
    "sora_compare.cli": FRONTS,
    "sora_compare.__main__": FRONTS,
    "sora_compare": FRONTS,
    "pages": PAGES,
    "app": PAGES,
}
"""Who may import whom: only what ranks lower, or one's own. Packages that are not named here are rooms."""

SINGLE_IMPORTERS = {
    "streamlit": ("app.py", "pages/", "sora_compare/ui/"),
    "openai": ("sora_compare/endpoints/openai_adapter.py",),
    "diskcache": ("sora_compare/store/cache.py",),
    "sqlalchemy": ("sora_compare/store/",),
    "alembic": ("sora_compare/store/migrations/",),
    "sqlite3": ("sora_compare/store/",),
    "av": ("sora_compare/clips/", "sora_compare/simulator/"),
    "pymunk": ("sora_compare/simulator/",),
    "cv2": ("sora_compare/simulator/",),
    "psycopg": ("sora_compare/store/",),
}
OPTIONAL = {"psycopg"}
"""Loaded by name: SQLAlchemy imports it where a URL asks for it."""

BANNED_MODULES = {"utils", "util", "common", "helpers", "helper", "base", "manager", "managers", "misc"}

# fmt: off
DIALECT = {
    "told", "said", "wish", "wishes", "lane", "lanes", "patience", "passage", "dressing", "patrol", "owning",
    "joining", "answering", "presenting", "watcher", "complaint", "complaints", "objection", "objections",
    "glance", "keeping", "standing", "standings", "sight", "sights", "ledger", "wrong", "directory",
}
"""Words of the private language that this code once spoke: in no name of a function, class, variable or module."""
DIALECT_NAMES = {
    "ask", "hold", "keep", "drop", "prefer", "plain", "go_on", "bring_in", "looks", "stage", "Book", "Rooms",
    "House", "Own", "Met",
}
# fmt: on
"""Names of it that are banned as whole names of functions and classes; as parts of others they are plain English."""
DIALECT_STARTS = ("ask_", "bring_in_", "drop_", "offer_to_", "say_", "show_told")
NOT_OURS = {"_directory"}
"""The attribute in which diskcache keeps its folder."""

ROOM_FILES = 15
"""More files in one folder are two rooms."""

READER = "sora_compare.clips.decoding.reader"
MODULE_LINES, PAGE_LINES, FUNCTION_LINES = 300, 60, 60
STEPS = "sora_compare/store/migrations/versions/"
"""Steps that Alembic writes: lists of columns, as long as the tables have many."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the module that is imported, and the line."""

    module: str
    line: int


@dataclass(frozen=True)
class Source:
    """One file of the product."""

    path: str
    text: str
    nodes: tuple[ast.AST, ...]

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import, also those inside functions and for types alone; relative ones made absolute."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[Import]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                # The bare package alone brings nothing from upstairs; a name taken from it does.
                yield from (Import(alias.name, node.lineno) for alias in node.names if alias.name != "sora_compare")
            elif isinstance(node, ast.ImportFrom):
                yield from (Import(name, node.lineno) for name in self._from(node))

    def _from(self, node: ast.ImportFrom) -> Iterator[str]:
        parents = self.module.split(".") if self.path.endswith("__init__.py") else self.module.split(".")[:-1]
        above = parents[: len(parents) - node.level + 1] if node.level else []
        origin = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            yield name if (name := f"{origin}.{alias.name}") in modules() else origin


def paths() -> list[Path]:
    return [
        path for name in PRODUCT for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
    ]


@cache
def modules() -> frozenset[str]:
    dotted = (str(path.relative_to(ROOT).with_suffix("")).replace("/", ".") for path in paths())
    return frozenset(name.removesuffix(".__init__") for name in dotted)


@cache
def sources() -> tuple[Source, ...]:
    found = [(path, path.read_text("utf-8")) for path in sorted(paths())]
    return tuple(Source(str(path.relative_to(ROOT)), text, tuple(ast.walk(ast.parse(text)))) for path, text in found)


def room(module: str) -> str:
    """The part of the house a module belongs to: the first two parts of its name, or what RANKS names."""
    parts = module.split(".")
    if module in RANKS:
        return module
    return ".".join(parts[:2]) if parts[0] == "sora_compare" else parts[0]


def rank(module: str) -> int:
    return RANKS.get(room(module), ROOMS)


def may_import(importer: int, imported: int) -> bool:
    return imported < importer or importer == imported in {FOUNDATIONS, ROOMS, FRONTS}


def house_imports() -> list[tuple[Source, Import]]:
    """Imports of one part of the house by another."""
    return [
        (source, one)
        for source in sources()
        for one in source.imports
        if one.module.split(".")[0] in {"sora_compare", "pages", "app"} and room(one.module) != room(source.module)
    ]


def test_there_is_something_to_check() -> None:
    """A wrong path would make every rule below hold."""
    seen = {source.path.split("/")[0] for source in sources()}
    assert seen == set(PRODUCT)
    rooms = {room(source.module) for source in sources()}
    assert {name for name in RANKS if name != "sora_compare"} <= rooms, "a name in RANKS is not there any more"
    assert {f"sora_compare.{name}" for name in ("clips", "store", "endpoints", "generation", "simulator")} <= rooms
    assert len(house_imports()) > 100
    for library, allowed in SINGLE_IMPORTERS.items():
        users = [
            source.path for source in sources() if any(one.module.split(".")[0] == library for one in source.imports)
        ]
        assert users or library in OPTIONAL, f"nobody imports {library}: is it still used?"
        for place in allowed:
            assert library in OPTIONAL or any(path.startswith(place) for path in users), f"{place} imports no {library}"


def test_imports_go_down_the_house() -> None:
    upwards = [
        f"{source.path}:{one.line} imports {one.module}"
        for source, one in house_imports()
        if not (
            rank(one.module) < rank(source.module)
            or rank(one.module) == rank(source.module) in {FOUNDATIONS, ROOMS, FRONTS}
        )
    ]
    assert upwards == []


def test_rooms_of_one_floor_do_not_import_each_other_in_a_circle() -> None:
    leads_to: dict[str, set[str]] = {}
    for source, one in house_imports():
        leads_to.setdefault(room(source.module), set()).add(room(one.module))
    while leads_to:
        ends = {name for name, others in leads_to.items() if not others & leads_to.keys()}
        assert ends, f"these import each other in a circle: {sorted(leads_to)}"
        leads_to = {name: others for name, others in leads_to.items() if name not in ends}


@pytest.mark.parametrize("library", sorted(SINGLE_IMPORTERS))
def test_a_library_is_imported_where_it_belongs_and_nowhere_else(library: str) -> None:
    strays = [
        f"{source.path}:{one.line}"
        for source in sources()
        for one in source.imports
        if one.module.split(".")[0] == library and not source.path.startswith(SINGLE_IMPORTERS[library])
    ]
    assert strays == []


def test_the_domain_needs_the_standard_library_only() -> None:
    foreign = [
        f"{source.path}:{one.line} imports {one.module}"
        for source in sources()
        if room(source.module) == "sora_compare.domain"
        for one in source.imports
        if one.module.split(".")[0] not in sys.stdlib_module_names and room(one.module) != "sora_compare.domain"
    ]
    assert foreign == []


def test_bytes_from_outside_are_decoded_in_reader_processes_alone() -> None:
    """Whoever imports what decodes would decode in the app's own process."""
    decoding = {source.module for source in sources() if source.module.startswith("sora_compare.clips.")}
    decoding = {module for module in decoding if any(one.module.split(".")[0] == "av" for one in reached(module))}
    assert {"sora_compare.clips.decoding.probe", READER} <= decoding
    assert "sora_compare.clips.decoding.worker" not in decoding
    strays = [
        f"{source.path}:{one.line} imports {one.module}"
        for source in sources()
        for one in source.imports
        if one.module in decoding and source.module not in decoding
    ]
    assert strays == []


def reached(module: str) -> set[Import]:
    """Every import that importing the module may lead to within the house."""
    by_name = {source.module: source for source in sources()}
    seen, found, ahead = set[str](), set[Import](), {module}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        found |= set(by_name[name].imports)
        ahead |= {one.module for one in by_name[name].imports if one.module in by_name} - seen
    return found


def test_only_settings_reads_the_environment() -> None:
    strays = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in source.nodes
        if source.path != "sora_compare/settings.py" and reads_environment(node)
    ]
    assert strays == []
    settings = next(source for source in sources() if source.path == "sora_compare/settings.py")
    assert any(reads_environment(node) for node in settings.nodes)


def reads_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    if isinstance(node, ast.Attribute):
        return node.attr in names and isinstance(node.value, ast.Name) and node.value.id == "os"
    return isinstance(node, ast.ImportFrom) and node.module == "os" and any(one.name in names for one in node.names)


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {
        source.path
        for source in sources()
        if BANNED_MODULES & {part.removesuffix(".py") for part in source.path.split("/")}
    }
    assert not named


def test_modules_and_pages_stay_short() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in sources() if not source.path.startswith(STEPS)}
    assert {path: n for path, n in lengths.items() if n > MODULE_LINES} == {}
    assert {path: n for path, n in lengths.items() if n > PAGE_LINES and path.startswith("pages/")} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources()
        for node in source.nodes
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES
        and not source.path.startswith(STEPS)
    ]
    assert long == []


def test_nobody_catches_everything_but_the_boundaries() -> None:
    """The two threads that must not end, and the page shell; elsewhere an error is named."""
    broad = [
        source.path
        for source in sources()
        for node in source.nodes
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert set(broad) <= {
        "sora_compare/generation/runner.py",
        "sora_compare/releases/scheduler.py",
        "sora_compare/ui/shell/boundary.py",
        "sora_compare/ui/shell/frame.py",
    }


def folders() -> dict[str, list[Source]]:
    """The files of each folder of the package, without its `__init__.py`."""
    found: dict[str, list[Source]] = {}
    for source in sources():
        if source.path.startswith("sora_compare/") and not source.path.endswith("__init__.py"):
            found.setdefault(source.path.rpartition("/")[0], []).append(source)
    return found


def test_a_room_has_a_handful_of_files_and_says_what_is_in_it() -> None:
    assert {name: len(files) for name, files in folders().items() if len(files) > ROOM_FILES} == {}
    silent = [name for name in folders() if not ast.get_docstring(ast.parse((ROOT / name / "__init__.py").read_text()))]
    assert silent == []


def test_the_tests_mirror_the_package() -> None:
    """A folder of tests is named for a room, or shows what a user meets."""
    whole = {"browser", "examples", "pages", "server", "listings", "player"}
    strays = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if not whole & set(path.relative_to(ROOT / "tests").parts)
        and not (ROOT / "sora_compare" / path.parent.relative_to(ROOT / "tests")).is_dir()
    ]
    assert strays == []


def given_names(source: Source) -> Iterator[tuple[str, int]]:
    """Every name that the file gives: to functions, classes, parameters, variables and attributes."""
    for node in source.nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def is_dialect(name: str) -> bool:
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}
    return name not in NOT_OURS and bool(words & DIALECT)


def test_nothing_is_named_in_a_private_language() -> None:
    assert is_dialect("ReviewStandings")
    assert is_dialect("take_told")
    assert not is_dialect("understanding")
    named = [
        f"{source.path}:{line} {name}" for source in sources() for name, line in given_names(source) if is_dialect(name)
    ]
    modules_named = [source.path for source in sources() if any(map(is_dialect, source.path.split("/")))]
    assert named + modules_named == []


def test_functions_and_classes_have_no_name_of_the_private_language() -> None:
    named = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources()
        for node in source.nodes
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and (node.name in DIALECT_NAMES or node.name.lstrip("_").startswith(DIALECT_STARTS))
    ]
    assert named == []


IN_ONE_TABLE = {"render_checklist", "render_lifecycle", "render_history"}
"""Views of pages/versions.py, which draws all of them with the same arguments."""


def test_who_needs_one_service_does_not_take_them_all() -> None:
    greedy = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources()
        for node in source.nodes
        if isinstance(node, ast.FunctionDef) and node.name not in IN_ONE_TABLE
        for given in (*node.args.args, *node.args.kwonlyargs)
        if isinstance(given.annotation, ast.Name) and given.annotation.id == "Services"
        if uses_one_field(node, given.arg)
    ]
    assert greedy == []


def uses_one_field(function: ast.FunctionDef, parameter: str) -> bool:
    """Whether one field of the parameter is all that is used, or nothing at all."""
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == parameter]
    fields = [node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute) and node.value in uses]
    methods = {"set_budget", "send", "prepare"}
    return len(fields) == len(uses) and len(set(fields) - methods) == len(set(fields)) <= 1
