"""A program that was written against R1's text: its own bodies over real HTTP, with an ordinary client, read as R1
prints the answers. Only the address of Asana and the token are those of the twin."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import requests

from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PROJECT
from connectors.base.sandbox.server import Server, serve
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from records import tokens
from records.models import Organization, Task
from sync_engine import tasks
from tests.api.conftest import steward
from tests.records.factories import OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)
R1_WEBHOOK = {
    "event": "task.updated",
    "data": {
        "id": "ext_789",
        "name": "Complete documentation",
        "status": "completed",
        "assigned_to": "ext_user_456",
        "updated_at": "2025-12-18T14:35:00Z",
    },
}
TASKS = {
    "resourceType": "TASK",
    "externalToInternal": [
        {"externalField": "id", "internalField": "externalId", "transform": "string", "required": True},
        {"externalField": "name", "internalField": "title", "transform": "string", "required": True},
        {
            "externalField": "status",
            "internalField": "status",
            "transform": {"type": "enum", "mapping": {"completed": "COMPLETED", "open": "IN_PROGRESS"}},
        },
    ],
    "internalToExternal": [{"internalField": "title", "externalField": "name", "transform": "string"}],
}


class Client(requests.Session):
    """Calls an address below /api with the token of a steward. `ok` answers with the body of a good call."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__()
        self.url, self.headers["Authorization"] = f"{url}/api", f"Bearer {token}"
        self.trust_env = False

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.request(method, self.url + path, timeout=30, **options)

    def ok(self, method: str, path: str, **options: Any) -> Any:
        answer = self.ask(method, path, **options)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture
def servers() -> Iterator[tuple[Server, AsanaTwin, GenericRestTwin]]:
    asana, rest = AsanaTwin(), GenericRestTwin()
    with serve(0, [asana, rest]) as running:
        yield running, asana, rest


@pytest.fixture
def organization() -> Organization:
    made: Organization = OrganizationFactory()
    return made


@pytest.fixture
def client(live_server: Any, settings: Any, organization: Organization, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.ALLOW_PRIVATE_HOSTS, settings.PUSH_IN_REAL_TIME = True, False
    settings.WEBHOOK_BASE_URL = live_server.url
    monkeypatch.setattr(
        tasks.sync, "apply_async", lambda args, **_: tasks.sync.apply(args=json.loads(json.dumps(args)), throw=True)
    )
    from django.contrib.auth.models import User

    steward(organization)
    return Client(live_server.url, tokens.issue(User.objects.get()))


def new_asana(server: Server, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Main Asana Workspace",
        "type": "ASANA",
        "baseUrl": server.url_of("asana"),
        "authType": "BEARER_TOKEN",
        "credentials": {"token": "sandbox-token"},
        "syncDirection": "BIDIRECTIONAL",
        "syncFrequency": "HOURLY",
        "dataTypes": ["TASKS", "MEMBERS"],
        "conflictStrategy": "LATEST_WINS",
        **changes,
    }


def in_project(asana: AsanaTwin, name: str) -> str:
    section = next(one.id for one in asana.store.live("sections") if one.fields["project"] == PROJECT)
    home = {"memberships": [{"project": PROJECT, "section": section}]}
    return asana.hand_create("tasks", {"name": name, **home}).id


def test_the_ten_calls(
    client: Client, servers: tuple[Server, AsanaTwin, GenericRestTwin], organization: Organization
) -> None:
    server, asana, _ = servers
    gid = in_project(asana, "Complete documentation")

    # 1. POST /api/admin/integrations
    made = client.ok("POST", "/admin/integrations", json=new_asana(server))
    one = f"/admin/integrations/{made['integration']['id']}"
    assert made["success"] is True
    assert {name: made["integration"][name] for name in ("name", "status")} == {
        "name": "Main Asana Workspace",
        "status": "ACTIVE",
    }
    assert made["integration"]["webhookEndpoint"] == f"{client.url}/webhooks{one.removeprefix('/admin')}/receive"
    assert made["integration"]["webhookSecret"]  # Asana's own, for it shook hands
    task = Task.objects.get(organization=organization)
    assert task.title == "Complete documentation"

    # 2. GET /api/admin/integrations
    (shown,) = client.ok("GET", "/admin/integrations", params={"status": "ACTIVE", "type": "ASANA"})["integrations"]
    assert shown["stats"] == {"totalSyncs": 1, "successRate": 100.0, "pendingConflicts": 0, "lastErrorCount": 0}
    assert shown["lastSyncAt"].endswith("Z")

    # 4. POST /api/admin/integrations/[id]/sync
    asked = {"direction": "BIDIRECTIONAL", "dataTypes": ["TASKS", "MEMBERS"], "fullSync": False}
    started = client.ok("POST", f"{one}/sync", json=asked)
    assert (started["success"], started["status"], type(started["estimatedDuration"])) == (True, "RUNNING", int)
    assert started["jobId"]

    # 8. PUT /api/admin/integrations/[id], with R1's body, and back again
    paused = {"status": "PAUSED", "syncFrequency": "DAILY", "conflictStrategy": "MANUAL_REVIEW"}
    changed = client.ok("PUT", one, json=paused)
    assert (changed["success"], changed["integration"]["status"]) == (True, "PAUSED")
    assert changed["integration"]["updatedAt"] > made["integration"]["updatedAt"]
    client.ok("PUT", one, json={"status": "ACTIVE"})

    # 6. GET /api/admin/integrations/conflicts
    asana.hand_update("tasks", gid, {"completed": True, "name": "theirs"})
    task.title = "ours"
    task.save()
    client.ok("POST", f"{one}/sync", json={})
    (case,) = client.ok("GET", "/admin/integrations/conflicts", params={"resourceType": "TASK"})["conflicts"]
    assert (case["integrationName"], case["resourceType"]) == ("Main Asana Workspace", "TASK")
    assert (case["resourceId"], case["conflictedFields"]) == (str(task.pk), ["title"])
    assert (case["localData"], case["externalData"]) == ({"title": "ours"}, {"title": "theirs"})

    # 7. POST /api/admin/integrations/conflicts/[id]/resolve
    decision = {"strategy": "CUSTOM_MERGE", "resolvedData": {"title": "both"}, "pushToExternal": True}
    assert client.ok("POST", f"/admin/integrations/conflicts/{case['id']}/resolve", json=decision) == {
        "success": True,
        "conflictId": case["id"],
        "status": "RESOLVED",
        "appliedChanges": {"task": str(task.pk), "updated": True, "syncedToExternal": True},
    }
    task.refresh_from_db()
    assert (task.title, task.status) == ("both", "COMPLETED")
    client.ok("POST", f"{one}/sync", json={})
    entry = asana.store.get("tasks", gid)
    assert entry is not None
    assert entry.fields["name"] == "both"

    # 5. GET /api/admin/integrations/[id]/logs
    logs = client.ok(
        "GET", f"{one}/logs", params={"status": "SUCCESS", "operation": "CREATE", "limit": 50, "offset": 0}
    )
    assert set(logs["pagination"]) == {"total", "limit", "offset", "hasMore"}
    assert {log["resourceType"] for log in logs["logs"]} == {"TASK", "MEMBER"}
    wanted = {"id", "operation", "resourceType", "status", "recordsProcessed", "durationMs", "createdAt"}
    assert wanted <= set(logs["logs"][0])

    # 10. GET /api/admin/integrations/[id]/test
    tested = client.ok("GET", f"{one}/test")
    assert (tested["success"], tested["connectionStatus"], tested["credentialsValid"]) == (True, "OK", True)
    assert {"responseTime", "apiVersion"} <= set(tested)

    # 9. DELETE /api/admin/integrations/[id]
    gone = client.ok("DELETE", one)
    assert gone["success"] is True
    deleted = gone["deleted"]
    assert (deleted["integration"], deleted["conflicts"]) == (True, 1)
    assert deleted["mappings"] > 0
    assert deleted["logs"] > 0
    assert client.ask("GET", one).status_code == 404


def test_the_error_cases(client: Client, servers: tuple[Server, AsanaTwin, GenericRestTwin]) -> None:
    server, _, _ = servers
    wrong = client.ask("POST", "/admin/integrations", json=new_asana(server, credentials={"token": "0/abc123"}))
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "invalid_credentials")
    client.ok("POST", "/admin/integrations", json=new_asana(server))
    assert client.ask("POST", "/admin/integrations", json=new_asana(server)).status_code == 400
    guest = Client(client.url.removesuffix("/api"), "none")
    assert guest.ask("GET", "/admin/integrations").status_code == 401


def test_r1s_webhook(
    client: Client, servers: tuple[Server, AsanaTwin, GenericRestTwin], organization: Organization
) -> None:
    """3. POST /api/webhooks/integrations/[id]/receive, signed as R1's `verifyWebhookSignature` expects it."""
    server, _, rest = servers
    config = preset("plain")
    config["resources"] = {"task": config["resources"]["task"]}
    config["webhook"] = {"kind": "hmac", "header": "X-Webhook-Signature", "record": "data"}
    rest.hand_create("tasks", {"id": "ext_789", "name": "Documentation", "status": "open"})
    body = new_asana(server, type="GENERIC_REST", baseUrl=server.url_of("generic_rest"), dataTypes=["TASKS"])
    made = client.ok(
        "POST", "/admin/integrations", json={**body, "settings": {"config": config}, "mappings": {"task": TASKS}}
    )["integration"]
    assert Task.objects.get(organization=organization).status == "IN_PROGRESS"
    rest.hand_update("tasks", "ext_789", {"name": "Complete documentation", "status": "completed"})
    entry = rest.store.get("tasks", "ext_789")
    assert entry is not None
    payload = orjson.dumps({**R1_WEBHOOK, "data": {**R1_WEBHOOK["data"], **rest.render(entry)}})  # type: ignore[dict-item]

    def send(
        content: bytes, secret: str = made["webhookSecret"], url: str = made["webhookEndpoint"]
    ) -> requests.Response:
        signature = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
        headers = {"X-Webhook-Signature": signature, "X-Webhook-Event": "task.updated"}
        return requests.post(url, data=content, headers=headers, timeout=30)

    answer = send(payload).json()
    assert (answer["success"], answer["status"], bool(answer["syncLogId"])) == (True, "SUCCESS", True)
    task = Task.objects.get(organization=organization)
    assert (task.title, task.status) == ("Complete documentation", "COMPLETED")
    again = send(payload, url=made["webhookEndpoint"].removesuffix("/receive"))  # as R1's flows write it
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert send(payload, secret="whsec_other").status_code == 401
    client.ok("PUT", f"/admin/integrations/{made['id']}", json={"status": "PAUSED"})
    assert send(payload + b" ").status_code == 401
    assert send(payload).status_code == 403
