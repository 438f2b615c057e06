"""All that the connector and its twin say to each other fits Asana's own OpenAPI document."""

from __future__ import annotations

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PERSON, PROJECT, WORKSPACE
from connectors.base.errors import ConnectorError
from connectors.base.http import HttpResponse

from ..spec import GAPS, Watch, required, specification

ALL = {
    "name": "all of it",
    "due_on": "2026-12-04",
    "assignee": {"gid": PERSON},
    "memberships": [{"section": {"name": "Done"}}],
    "tags": [{"name": "urgent"}],
    "custom_fields": [{"name": "Priority", "enum_value": {"name": "High"}}],
}
OTHERS = (
    "/workspaces",
    "/projects",
    f"/projects/{PROJECT}",
    f"/projects/{PROJECT}/sections",
    f"/projects/{PROJECT}/tasks",
    f"/projects/{PROJECT}/custom_field_settings",
    f"/workspaces/{WORKSPACE}/projects",
    f"/workspaces/{WORKSPACE}/tags",
    f"/users/{PERSON}",
    f"/webhooks?workspace={WORKSPACE}",
)


def story(twin: AsanaTwin, asana: AsanaConnector) -> None:
    """Every call of the connector, and those of the twin that only people make."""
    twin.seed_demo(3)
    task = asana.resource("task")
    one, two, _ = [entry.id for entry in twin.store.live("tasks")]
    token = asana.feed(task, None).token
    asana.update(task, one, {**ALL, "parent": {"gid": two}}, current=asana.fetch(task, one))
    asana.update(task, one, {"tags": [], "custom_fields": [{"name": "Priority"}]}, current=asana.fetch(task, one))
    made = asana.create(task, ALL, key="k")
    asana.delete(task, made.id)
    asana.feed(task, token)
    asana.fetch_many(task, [one, made.id])
    asana.find_created(task, ALL, key="k", after=twin.clock.now())
    list(asana.pages(asana.resource("member")))
    list(asana.pages(task, since=twin.clock.now(), ids_only=True))
    for setting in ("project", "workspace"):
        asana.choices(setting)
    twin.webhooks.deliver = lambda request: HttpResponse(200, asana.handshake(request) or {})
    asana.unsubscribe(asana.subscribe("https://example.com/hook", "unused"))
    asana.client.post(f"/projects/{PROJECT}/sections", {"data": {"name": "New"}})
    asana.client.post(f"/workspaces/{WORKSPACE}/tags", {"data": {"name": "new"}})
    asana.client.post(f"/tasks/{one}/stories", {"data": {"text": "Call ahead."}})
    asana.client.post(f"/tasks/{one}/addProject", {"data": {"project": PROJECT}})
    for path in (*OTHERS, f"/tasks/{one}", f"/tasks/{one}/stories", f"/tasks/{two}/subtasks"):
        asana.client.get(path)


def test_every_exchange_fits(twin: AsanaTwin, asana: AsanaConnector) -> None:
    seen = required(twin)
    story(twin, asana)
    assert (seen.problems, seen.seen > 40) == ([], True)


def test_refusals_fit_too(twin: AsanaTwin, asana: AsanaConnector) -> None:
    seen = required(twin)
    for call in ("GET /tasks/999", "GET /tasks", "DELETE /webhooks/999", "GET /events?resource=1"):
        with pytest.raises(ConnectorError):
            asana.client.request(*call.split())
    assert (seen.problems, seen.seen) == ([], 4)


def test_every_known_gap_is_still_one(twin: AsanaTwin, oauth: AsanaConnector) -> None:
    required(twin)
    found = specification("asana", twin.base_path)
    assert found is not None
    strict = Watch(found.without_gaps())
    twin.observers[:] = [strict]
    story(twin, oauth)
    needed = [why for (_, _, why), gap in zip(GAPS, found.gaps, strict=True) if any(map(gap.search, strict.problems))]
    assert needed == [why for _, _, why in GAPS]
