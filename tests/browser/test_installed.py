"""The installed package: the program starts the app from anywhere, pages included, and no test travels with it."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import streamlit
from playwright.sync_api import expect

from tests.server.running import PROJECT, RunningApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.heavy]
BIN = "Scripts" if sys.platform == "win32" else "bin"


def pip(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", str(PROJECT), "--no-deps", "--no-build-isolation", "--quiet", "-w", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_pages_and_types_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    pages = {f"sora_compare/launcher/pages/{path.name}" for path in (PROJECT / "pages").glob("*.py")}
    assert len(pages) > 5
    assert pages | {"sora_compare/py.typed", "sora_compare/launcher/.streamlit/config.toml"} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"sora_compare"}
    assert [name for name in names if "secrets" in name or "/test" in name.replace("/testcard", "")] == []


def test_the_installed_program_starts_the_app_from_anywhere(
    wheel: Path, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """Its libraries are those of this environment; the package is the installed one."""
    place = tmp_path / "installed"
    venv.create(place, symlinks=sys.platform != "win32")
    python = place / BIN / "python"
    pip("--python", str(python), "install", "--quiet", "--no-deps", "--no-compile", str(wheel))
    (packages,) = place.rglob("site-packages")
    (packages / "libraries.pth").write_text(str(Path(streamlit.__file__).parents[1]), "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    app = RunningApp(tmp_path / "home", tmp_path / "log", folder=elsewhere, program=place / BIN / "sora-compare")
    try:
        app.wait()
        page = new_page()
        page.goto(f"{app.url}/versions")
        expect(page.get_by_role("heading", name="Versions")).to_be_visible()
        expect(page.get_by_test_id("stTopNav").get_by_role("link", name="Compare", exact=True)).to_be_visible()
        script = "import sora_compare; print(sora_compare.__file__)"
        found = subprocess.check_output([str(python), "-c", script], cwd=elsewhere, text=True)
        assert Path(found.strip()).is_relative_to(place)
    finally:
        assert app.end() in {0, -15, 143}, app.said()
