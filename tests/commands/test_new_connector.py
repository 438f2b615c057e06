"""`new_connector`: what it writes passes the contract suite without a touch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from connectors.base import scaffold
from tests.commands.run import run
from tests.house.source import FLOORS

TREE = (*FLOORS, "templates", "locale", "tests")
CONTRACT = ("test_contract.py", "test_contract_hearing.py", "test_contract_trouble.py")


def python(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs in the copy, on this session's servers."""
    database = settings.DATABASES["default"]
    user, host, port = (database.get(name) for name in ("USER", "HOST", "PORT"))
    url = os.environ.get("DATABASE_URL") or f"postgres://{user}@{host}:{port}/{database['NAME']}"
    environment = {**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "PYTHONPATH": str(copy)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-B", *arguments], cwd=copy, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project beside itself, with `acme_tasks` in it."""
    root = Path(settings.BASE_DIR)
    there = tmp_path_factory.mktemp("project")
    for name in TREE:
        shutil.copytree(root / name, there / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(root / name, there / name)
    done = python(there, "manage.py", "new_connector", "acme_tasks", "--label", "Acme Tasks")
    assert done.returncode == 0, done.stderr
    return there


def test_it_writes_a_small_folder_with_tests(copy: Path) -> None:
    found = {path.name for path in (copy / "connectors" / "acme_tasks").iterdir()}
    assert {"__init__.py", "connector.py", "mapping.py", "sandbox.py", "README.md"} <= found
    assert (copy / "tests" / "connectors" / "acme_tasks" / "test_mapping.py").is_file()
    text = (copy / "connectors" / "acme_tasks" / "connector.py").read_text()
    assert 'label = "Acme Tasks"' in text
    assert len(text.splitlines()) < 80


def test_it_passes_the_contract_suite(copy: Path) -> None:
    suite = [f"tests/connectors/{name}" for name in CONTRACT]
    done = python(copy, "-m", "pytest", "-q", "-k", "acme_tasks", *suite, "tests/connectors/acme_tasks")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed or done.stdout.count(".") > 30
    assert " failed" not in done.stdout


@pytest.mark.parametrize("name", ["Acme", "acme-tasks", "1acme", "base", "acme__x", "../x"])
def test_a_name_that_is_no_key_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(scaffold.CannotScaffold, match="cannot be a connector's key"):
        scaffold.write(name, "X", tmp_path / "connectors", tmp_path / "tests")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_connector_is_not_overwritten() -> None:
    with pytest.raises(CommandError, match="exists already"):
        run("new_connector", "asana")


def test_a_label_cannot_break_out_of_the_code() -> None:
    with pytest.raises(CommandError, match="must not hold quotes"):
        run("new_connector", "acme_tasks", "--label", 'X"')
