"""The Spanish words: none missing, none broken, and the compiled file is that of the readable one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from console.navigation import navigation
from tests.engine.scene import Scene

FOLDER = Path(settings.LOCALE_PATHS[0]) / "es" / "LC_MESSAGES"
PLACES = re.compile(r"%\(\w+\)\.?\d*[a-z]|%\.?\d*[sdfg]|\{\w+\}|%%")


@pytest.fixture(autouse=True)
def no_language_is_left_behind() -> Iterator[None]:
    """A request leaves its language on the thread, where later tests would find it."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def words() -> polib.POFile:
    return polib.pofile(str(FOLDER / "django.po"))


def test_every_word_is_translated(words: polib.POFile) -> None:
    assert [one.msgid for one in words.untranslated_entries() + words.fuzzy_entries()] == []


def test_what_is_put_in_is_put_in_in_both_languages(words: polib.POFile) -> None:
    for one in words:
        for told in list(one.msgstr_plural.values()) or [one.msgstr]:
            wanted = PLACES.findall(one.msgid_plural or one.msgid)
            assert sorted(PLACES.findall(told)) == sorted(wanted) or one.msgid_plural, one.msgid


def test_the_compiled_file_is_up_to_date(words: polib.POFile) -> None:
    compiled = {one.msgid: (one.msgstr, one.msgstr_plural) for one in polib.mofile(str(FOLDER / "django.mo"))}
    assert compiled == {one.msgid: (one.msgstr, one.msgstr_plural) for one in words}


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="no xgettext: new words cannot be looked for")
def test_no_word_of_the_source_is_left_out(words: polib.POFile, tmp_path: Path) -> None:
    root = Path(settings.BASE_DIR)
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in listed:
        if name.endswith((".py", ".html", ".po", ".txt")) and not name.startswith("tests/") and (root / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "es", "--no-location", "--no-obsolete"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = polib.pofile(str(tmp_path / "locale" / "es" / "LC_MESSAGES" / "django.po"))
    assert [one.msgid for one in found if not one.translated()] == []


def test_the_console_speaks_spanish_to_who_reads_it(scene: Scene, steward: Client) -> None:
    page = steward.get(reverse("console:integrations"), headers={"accept-language": "es"}).content.decode()
    assert "Integraciones" in page
    assert "Sincronizar" in page


def test_the_sidebar_names_every_table_in_spanish(rf: RequestFactory, admin_user: User) -> None:
    request = rf.get("/")
    request.user = admin_user
    listed = [model for model in admin.site._registry if model._meta.app_label in ("records", "jobs_boards")]
    shown = {str(item["title"]) for group in navigation(request) for item in group["items"]}
    with translation.override("es"):
        spanish = {str(item["title"]) for group in navigation(request) for item in group["items"]}
    assert {"Tareas", "Miembros"} <= spanish
    english = {str(model._meta.verbose_name_plural).capitalize() for model in listed}
    assert english & shown & spanish == set()
