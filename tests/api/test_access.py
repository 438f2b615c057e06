"""Who is let in, and to what."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from config.database import cache as cache_settings
from conflicts.models import ConflictResolution
from records import counters, tokens
from records.models import ApiToken, Membership
from tests.api.conftest import steward
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

LIST = "/api/admin/integrations"


def test_a_stranger_is_asked_for_a_token(scene: Scene) -> None:
    answer = APIClient().get(LIST)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == "not_authenticated"


@pytest.mark.parametrize(("role", "status"), [("WEB_STEWARD", 200), ("BOARD_CHAIR", 200), ("GUEST", 403), ("", 403)])
def test_a_role_is_needed(scene: Scene, role: str, status: int) -> None:
    assert steward(scene.organization, role=role).get(LIST).status_code == status


def test_a_session_serves_as_well_but_not_across_sites(scene: Scene) -> None:
    steward(scene.organization)
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(User.objects.get())
    assert browser.get(LIST).status_code == 200
    assert browser.post(LIST, {}).status_code == 403


def test_only_the_hash_of_a_token_is_kept(client: APIClient) -> None:
    token = tokens.issue(User.objects.get())
    kept = ApiToken.objects.latest("id")
    assert token not in str(vars(kept))
    assert kept.digest == tokens.digest(token)


def test_a_revoked_token_lets_nobody_in(client: APIClient) -> None:
    call_command("api_token", "dana", "--revoke", stdout=StringIO())
    assert client.get(LIST).status_code == 401


def test_the_command_issues_a_token(scene: Scene) -> None:
    steward(scene.organization)
    said = StringIO()
    call_command("api_token", "dana", stdout=said)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {said.getvalue().strip()}")
    assert client.get(LIST).status_code == 200
    with pytest.raises(CommandError, match="no user"):
        call_command("api_token", "nobody")


def test_another_organization_sees_nothing(scene: Scene) -> None:
    scene.sync()
    stranger = steward(OrganizationFactory())
    assert stranger.get(LIST).json() == {"integrations": []}
    one = f"{LIST}/{scene.asana.pk}"
    for url in (one, f"{one}/test", f"{one}/logs"):
        assert stranger.get(url).status_code == 404
    assert stranger.put(one, {"status": "PAUSED"}).status_code == 404
    assert stranger.delete(one).status_code == 404
    assert stranger.post(f"{one}/sync", {}).status_code == 404


def test_another_organizations_conflicts_are_not_there(scene: Scene) -> None:
    now = "2026-01-01T00:00Z"
    case = ConflictResolution.objects.create(
        integration=scene.asana, resource_type="task", resource_id="1", created_at=now, updated_at=now
    )
    stranger = steward(OrganizationFactory())
    assert stranger.get(f"{LIST}/conflicts", {"integrationId": str(scene.asana.pk)}).json()["conflicts"] == []
    assert stranger.get(f"{LIST}/conflicts/{case.pk}").status_code == 404
    assert stranger.post(f"{LIST}/conflicts/{case.pk}/resolve", {"strategy": "LOCAL_WINS"}).status_code == 404


def test_who_belongs_to_several_organizations_names_one(scene: Scene) -> None:
    other = OrganizationFactory()
    client = steward(scene.organization)
    Membership.objects.create(user=User.objects.get(), organization=other)
    assert client.get(LIST).status_code == 400
    assert len(client.get(LIST, headers={"X-Organization": scene.organization.slug}).json()["integrations"]) == 1
    assert client.get(LIST, headers={"X-Organization": str(other.pk)}).json()["integrations"] == []
    assert client.get(LIST, headers={"X-Organization": "no-such"}).status_code == 404


def test_who_belongs_to_no_organization_is_told(scene: Scene) -> None:
    assert steward(None).get(LIST).status_code == 403


def test_an_address_that_does_not_exist_is_answered_in_json(client: APIClient) -> None:
    answer = client.get("/api/no/such")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_too_many_calls_are_put_off(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "1/min", "user": "1/min"})
    assert client.get(LIST).status_code == 200
    answer = client.get(LIST)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "throttled")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_guessed_token_counts_and_a_right_one_is_always_taken(client: APIClient, settings: Any) -> None:
    settings.LOGIN_FAILURES = 1
    stranger = APIClient()
    stranger.credentials(HTTP_AUTHORIZATION="Bearer lks_guessed")
    statuses = [stranger.get(LIST).status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert int(stranger.get(LIST).headers["Retry-After"]) > 0
    assert client.get(LIST).status_code == 200


def test_without_redis_calls_are_taken_and_it_is_logged(
    client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(counters, "_down_until", 0.0)
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "1/min", "user": "1/min"})
    settings.CACHES = {"default": cache_settings("redis://127.0.0.1:1/0")}
    assert [client.get(LIST).status_code for _ in range(3)] == [200, 200, 200]
    assert caplog.text.count("Redis does not answer") == 1
