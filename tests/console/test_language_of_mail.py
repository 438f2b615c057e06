"""Mail is written in the language of whoever gets it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from conflicts.notices import tell_opened
from integrations.models import Notification
from records import languages
from records.models import Preference
from tests.console.conftest import person
from tests.engine.scene import Scene
from tests.health.factories import NOW, ConflictFactory


def told(scene: Scene) -> dict[str, Notification]:
    """Who was told of two conflicts, while the process itself speaks Spanish."""
    ConflictFactory.create_batch(2, integration=scene.asana)
    with translation.override("es"):
        tell_opened(NOW)
        assert translation.get_language() == "es"
    return {one.recipient or one.channel: one for one in Notification.objects.all()}


def chosen(client: Client, language: str) -> None:
    answer = client.post(reverse("console:preferences"), {"language": language, "zone": ""})
    assert answer.status_code == 302


@pytest.fixture
def people(scene: Scene) -> dict[str, Client]:
    made = {name: person(name, scene.organization, "WEB_STEWARD") for name in ("ana", "bob", "cleo")}
    for name in made:
        User.objects.filter(username=name).update(email=f"{name}@example.org")
    return made


def test_each_is_written_to_in_their_own(scene: Scene, people: dict[str, Client], settings: Any) -> None:
    settings.SLACK_WEBHOOK_URL = "https://hooks.slack.com/services/x"
    chosen(people["ana"], "es")
    people["bob"].post(reverse("set_language"), {"language": "en"})
    mails = told(scene)
    assert "2 conflictos" in mails["ana@example.org"].subject
    assert '<html lang="es">' in mails["ana@example.org"].html
    for other in ("bob@example.org", "cleo@example.org", "slack"):
        assert mails[other].subject == "[Lockstep] 2 sync conflicts detected"


def test_the_installation_may_speak_another_language(scene: Scene, people: dict[str, Client], settings: Any) -> None:
    settings.LANGUAGE_CODE = "es"
    chosen(people["bob"], "en")
    mails = told(scene)
    assert "conflictos" in mails["cleo@example.org"].subject
    assert mails["bob@example.org"].subject == "[Lockstep] 2 sync conflicts detected"


def test_who_never_chose_is_known_by_the_first_log_in(scene: Scene, people: dict[str, Client]) -> None:
    ana = User.objects.get(username="ana")
    ana.set_password("a-long-passphrase")
    ana.save()
    browser = Client(headers={"Accept-Language": "es"})
    answer = browser.post(reverse("admin:login"), {"username": "ana", "password": "a-long-passphrase"})
    assert (answer.status_code, languages.of(ana)) == (302, "es")
    chosen(browser, "en")
    assert languages.of(ana) == "en"
    other = Client(headers={"Accept-Language": "es"})
    assert other.post(reverse("admin:login"), {"username": "ana", "password": "a-long-passphrase"}).status_code == 302
    assert languages.of(ana) == "en"


def test_a_language_that_is_not_spoken_is_not_kept(scene: Scene, people: dict[str, Client]) -> None:
    people["ana"].post(reverse("set_language"), {"language": "tlh"})
    assert not Preference.objects.exists()
