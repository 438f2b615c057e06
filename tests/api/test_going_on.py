"""After an error: what the API shows of the retry, and how somebody lets the integration go on."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.base.sandbox.faults import Fault
from integrations.models import Integration, JobExecution
from integrations.webhooks import registration
from integrations.webhooks.renewal import renew_due
from integrations.webhooks.secrets import active
from sync_engine.ports import ports
from sync_engine.running import schedule
from tests.engine.scene import Scene

URL = "/api/admin/integrations"


def one(scene: Scene) -> str:
    return f"{URL}/{scene.asana.pk}"


def in_error(scene: Scene) -> None:
    scene.twin.faults.add(Fault("token_expired", times=None))
    scene.sync()
    scene.asana.refresh_from_db()
    assert scene.asana.status == "ERROR"
    scene.twin.faults.clear()


def test_the_retry_and_its_time_are_shown(client: APIClient, scene: Scene) -> None:
    assert client.get(one(scene)).json()["integration"]["retry"] is None
    scene.twin.faults.add(Fault("server_error", ("GET", "^/tasks"), times=None, params={"status": 503}))
    failed = scene.sync().run
    shown = client.get(one(scene)).json()["integration"]["retry"]
    assert (shown["attempt"], shown["maxRetries"]) == (1, 5)
    run = client.get(f"/api/admin/runs/{shown['jobId']}").json()
    assert (run["jobType"], run["status"], run["retryOfId"]) == ("RETRY", "PENDING", str(failed.pk))
    assert (run["retryCount"], run["scheduledFor"]) == (1, shown["scheduledFor"])
    assert [found["id"] for found in client.get("/api/admin/runs", {"jobType": "RETRY"}).json()["runs"]] == [run["id"]]
    assert "Retry 1 of 5" in client.get(f"/api/admin/runs/{failed.pk}").json()["errorMessage"]


def test_re_enabling_starts_a_run_at_once(client: APIClient, scene: Scene) -> None:
    in_error(scene)
    scene.there("made meanwhile")
    assert client.put(one(scene), {"status": "ACTIVE"}).json()["integration"]["status"] == "ACTIVE"
    row = JobExecution.objects.get(status="PENDING")
    assert (row.job_type, row.cause) == ("SCHEDULED_SYNC", "re-enabled")
    assert schedule.start_pending() == 1
    assert scene.titles_here() == ["made meanwhile"]


def test_new_credentials_that_work_end_the_error(client: APIClient, scene: Scene) -> None:
    in_error(scene)
    changed = client.put(one(scene), {"credentials": {"token": "sandbox-token"}}).json()["integration"]
    assert changed["status"] == "ACTIVE"
    assert schedule.start_pending() == 1


def test_credentials_that_do_not_work_leave_it_in_error(client: APIClient, scene: Scene) -> None:
    in_error(scene)
    assert client.put(one(scene), {"credentials": {"token": "wrong"}}).status_code == 400
    assert Integration.objects.get().status == "ERROR"


def test_a_run_by_hand_that_goes_through_needs_no_other_after_it(client: APIClient, scene: Scene) -> None:
    in_error(scene)
    scene.sync()
    assert Integration.objects.get().status == "ACTIVE"
    assert not JobExecution.objects.filter(status="PENDING").exists()


# Webhooks at the provider


class Registrations:
    """A provider that takes registrations without asking back."""

    def __init__(self) -> None:
        self.standing: dict[str, str] = {}
        self.made = 0
        self.expires_at = ""

    def subscribe(self, _connector: Any, target: str, secret: str) -> dict[str, Any]:
        self.made += 1
        self.standing[str(self.made)] = secret
        return {"id": str(self.made), **({"expires_at": self.expires_at} if self.expires_at else {})}

    def unsubscribe(self, _connector: Any, subscription: dict[str, Any]) -> None:
        del self.standing[subscription["id"]]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Registrations:
    from connectors.asana.connector import AsanaConnector

    made = Registrations()
    monkeypatch.setattr(AsanaConnector, "subscribe", lambda *given: made.subscribe(*given))
    monkeypatch.setattr(AsanaConnector, "unsubscribe", lambda *given: made.unsubscribe(*given))
    return made


def secret(scene: Scene) -> dict[str, Any]:
    return dict(Integration.objects.get(pk=scene.asana.pk).webhook_secret)


def test_a_new_secret_is_shown_once_and_told_to_the_provider(
    client: APIClient, scene: Scene, provider: Registrations
) -> None:
    registration.subscribe(scene.asana, clock=ports().clock)
    first = secret(scene)["current"]
    answer = client.post(f"{one(scene)}/webhook-secret", {"overlapHours": 1}).json()
    assert (answer["success"], answer["webhookRegistered"]) == (True, True)
    assert answer["webhookEndpoint"].endswith(f"/api/webhooks/integrations/{scene.asana.pk}/receive")
    assert list(provider.standing.values()) == [answer["webhookSecret"]] != [first]
    assert active(secret(scene), ports().clock.now()) == [answer["webhookSecret"], first]
    assert answer["webhookSecret"].encode() not in client.get(one(scene)).content


def test_a_new_secret_without_a_registration_is_entered_by_hand(client: APIClient, scene: Scene, settings: Any) -> None:
    settings.WEBHOOK_BASE_URL = "http://127.0.0.1:9"
    answer = client.post(f"{one(scene)}/webhook-secret", {}).json()
    assert (answer["webhookRegistered"], answer["webhookSecret"]) == (False, secret(scene)["current"])


def test_deleting_takes_the_webhook_away_there(client: APIClient, scene: Scene, provider: Registrations) -> None:
    registration.subscribe(scene.asana, clock=ports().clock)
    answer = client.delete(one(scene)).json()
    assert (answer["success"], answer["webhookRemoved"], provider.standing) == (True, True, {})


def test_a_provider_that_is_away_does_not_keep_the_integration(
    client: APIClient, scene: Scene, provider: Registrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.base.errors import Transient

    registration.subscribe(scene.asana, clock=ports().clock)

    def away(*_: Any) -> None:
        raise Transient("Away.")

    monkeypatch.setattr(provider, "unsubscribe", away)
    answer = client.delete(one(scene)).json()
    assert (answer["success"], answer["webhookRemoved"], Integration.objects.count()) == (True, False, 0)


def test_a_registration_that_ends_is_renewed_before(scene: Scene, provider: Registrations) -> None:
    clock = ports().clock
    provider.expires_at = clock.now().isoformat()
    registration.subscribe(scene.asana, clock=clock)
    provider.expires_at = "2999-01-01T00:00:00+00:00"
    assert (renew_due(clock), list(provider.standing)) == (1, ["2"])
    assert (renew_due(clock), list(provider.standing)) == (0, ["2"])


def test_a_registration_that_failed_at_first_is_tried_again(scene: Scene, provider: Registrations) -> None:
    assert renew_due(ports().clock) == 0
    Integration.objects.update(sync_frequency="REALTIME")
    assert (renew_due(ports().clock), len(provider.standing)) == (1, 1)
