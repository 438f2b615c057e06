"""Settings are documented, pins agree with ranges, migrations agree with models."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement

from tests.house.source import FLOORS, ROOT, python, tracked

READS_ENVIRONMENT = re.compile(
    r"""\benv(?:\.\w+)?\(\s*"([A-Z][A-Z0-9_]*)"|environ(?:\.get\(|\.setdefault\(|\[)\s*"([A-Z][A-Z0-9_]*)\""""
)
NOT_FOR_PEOPLE = {"DJANGO_SETTINGS_MODULE", "CELERY_CONFIG_MODULE"}


def settings_read() -> set[str]:
    texts = ((ROOT / path).read_text() for path in python(*FLOORS))
    return {first or second for text in texts for first, second in READS_ENVIRONMENT.findall(text)} - NOT_FOR_PEOPLE


def test_every_setting_is_documented() -> None:
    assert "DATABASE_URL" in settings_read()
    readme = (ROOT / "README.md").read_text()
    assert [name for name in sorted(settings_read()) if f"`{name}`" not in readme] == []


@pytest.mark.django_db
def test_migrations_are_up_to_date() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def test_every_dependency_is_pinned_within_its_range() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    for line in lines:
        wanted = Requirement(line)
        if wanted.name != "lockstep":
            assert pins()[wanted.name.lower().replace("_", "-")] in wanted.specifier, line


def test_no_file_keeps_the_marks_of_a_merge() -> None:
    marks = (b"<" * 7 + b" ", b">" * 7 + b" ")
    found = [
        path for path in tracked() if any(line.startswith(marks) for line in (ROOT / path).read_bytes().split(b"\n"))
    ]
    assert found == []
