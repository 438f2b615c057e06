"""Who may enter the console, and what the frame carries."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.engine.scene import Scene

PAGES = ("integrations", "runs", "logs")


def body(client: Client, name: str, *keys: Any, **headers: Any) -> str:
    answer = client.get(reverse(f"console:{name}", args=keys), **headers)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.mark.parametrize("name", ["dashboard", *PAGES])
def test_a_stranger_to_the_site_is_asked_to_log_in(db: None, name: str) -> None:
    place = reverse(f"console:{name}")
    answer = Client().get(place)
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('admin:login')}?next={place}")


@pytest.mark.parametrize("name", PAGES)
def test_staff_without_a_role_are_told_which_they_need(clerk: Client, name: str) -> None:
    answer = clerk.get(reverse(f"console:{name}"))
    assert answer.status_code == 403
    assert "WEB_STEWARD" in answer.content.decode()


def test_staff_without_a_role_land_on_their_tables(clerk: Client) -> None:
    answer = clerk.get(reverse("console:dashboard"), follow=True)
    assert answer.redirect_chain == [(reverse("console:tables"), 302)]
    assert answer.status_code == 200


def test_an_integration_of_others_is_not_found(scene: Scene, steward: Client, stranger: Client) -> None:
    assert scene.asana.name in body(steward, "integration", scene.asana.pk)
    assert stranger.get(reverse("console:integration", args=[scene.asana.pk])).status_code == 404
    assert scene.asana.name not in body(stranger, "integrations")


def test_a_live_part_comes_without_the_frame(steward: Client) -> None:
    assert "nav-sidebar" in body(steward, "runs")
    assert "nav-sidebar" not in body(steward, "runs", headers={"HX-Request": "true"})


def test_times_are_in_the_viewers_zone(scene: Scene, steward: Client) -> None:
    scene.sync()
    assert " UTC" in body(steward, "integration", scene.asana.pk)
    steward.cookies["lockstep_timezone"] = "Asia/Tokyo"
    assert " JST" in body(steward, "integration", scene.asana.pk)
    steward.cookies["lockstep_timezone"] = "../../etc/passwd"
    assert " UTC" in body(steward, "integration", scene.asana.pk)


def test_the_language_can_be_chosen(steward: Client) -> None:
    place = reverse("console:runs")
    answer = steward.post(reverse("set_language"), {"language": "es", "next": place})
    assert answer["Location"] == place
    assert '<html lang="es"' in body(steward, "runs")


def test_language_and_zone_are_kept_in_the_browser_for_everybody(clerk: Client) -> None:
    place = reverse("console:preferences")
    answer = clerk.post(place, {"language": "es", "zone": "Asia/Tokyo"})
    assert (answer.cookies["django_language"].value, answer.cookies["lockstep_timezone"].value) == ("es", "Asia/Tokyo")
    assert '<option value="Asia/Tokyo" selected>' in clerk.get(place).content.decode()
    assert clerk.post(place, {"language": "es", "zone": "Mars/Phobos"}).status_code == 422
    assert clerk.post(place, {"language": "en", "zone": ""}).cookies["lockstep_timezone"].value == ""
