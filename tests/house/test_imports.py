"""Who may import whom. The floors themselves are import-linter contracts in pyproject.toml."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.source import FLOORS, KIT, ROOT, imports, python, tracked, within

KIT_FOLDER = Path("connectors") / KIT
DJANGO_FOR_CONNECTORS = ("django.apps", "django.utils.module_loading", "django.conf")


def found(paths: list[Path], *modules: str) -> list[str]:
    return [f"{path}:{line} {name}" for path in paths for line, name in imports(path) if within(name, *modules)]


def test_floors_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_every_app_is_on_a_floor() -> None:
    assert {path.parts[0] for path in tracked() if path.match("*/apps.py") and path.parts[0] != "tests"} <= set(FLOORS)


def test_only_the_kit_speaks_http() -> None:
    outside = [path for path in python() if not path.is_relative_to(KIT_FOLDER)]
    assert found(outside, "requests", "urllib3", "http.client", "urllib.request", "httpx") == []


def test_connectors_know_no_orm() -> None:
    django = [
        hit for hit in found(python("connectors"), "django") if not within(hit.split()[1], *DJANGO_FOR_CONNECTORS)
    ]
    assert django == []


def test_providers_do_not_know_each_other() -> None:
    for path in python("connectors"):
        if len(path.parts) < 3 or path.parts[1] == KIT:
            continue
        others = [
            f"{path}:{line} {name}"
            for line, name in imports(path)
            if within(name, "connectors") and name.split(".")[1] not in (KIT, path.parts[1])
        ]
        assert others == []


def test_the_kit_knows_no_provider() -> None:
    for path in python(str(KIT_FOLDER)):
        assert [name for _, name in imports(path) if within(name, "connectors") and name.split(".")[1] != KIT] == []


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    return {re.split(r"[\[<>=]", line)[0].lower().replace("_", "-") for line in wanted}


@pytest.mark.parametrize("folder", [*FLOORS, "tests"])
def test_every_package_that_is_imported_is_declared(folder: str) -> None:
    distributions = importlib.metadata.packages_distributions()
    needed = {
        top: {name.lower().replace("_", "-") for name in distributions[top]}
        for path in python(folder)
        for _, name in imports(path)
        if (top := name.split(".")[0]) in distributions and top not in (*FLOORS, "tests")
    }
    missing = {top for top, names in needed.items() if not names & declared()}
    assert missing == set()


def test_every_dependency_gives_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lists = text[text.index("\ndependencies = [") : text.index("[tool.setuptools")]
    lines = [line for line in lists.splitlines() if line.startswith('    "') and "lockstep[" not in line]
    assert lines
    assert [line for line in lines if "  # " not in line] == []
