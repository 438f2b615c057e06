"""What Asana's connector does beyond the contract of all connectors, on its twin over real HTTP."""

from __future__ import annotations

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.asana.sandbox import AsanaTwin
from connectors.asana.sandbox.twin import PERSON, PROJECT, WORKSPACE
from connectors.base.errors import ConfigError, NotFound, Rejected, Transient, UnknownOutcome
from connectors.base.http import HttpRequest, HttpResponse
from connectors.base.sandbox.faults import Fault
from connectors.base.sandbox.server import Server

from ..clock import until
from .connect import connect, ids

HARD_TO_WRITE = {
    "memberships": [{"section": {"name": "Done"}}],
    "tags": [{"name": "urgent"}],
    "custom_fields": [{"name": "Priority", "enum_value": {"name": "High"}}],
}


def shape(fields: dict[str, object]) -> tuple[object, ...]:
    """Section, tags, priority."""
    section = fields["memberships"][0]["section"]["name"]  # type: ignore[index]
    tags = [tag["name"] for tag in fields["tags"]]  # type: ignore[attr-defined]
    return section, tags, fields["custom_fields"][0]["display_value"]  # type: ignore[index]


def missing(twin: AsanaTwin, method: str, path: str, status: int) -> None:
    """Makes the twin one that has never heard of an endpoint."""
    twin.faults.add(Fault("server_error", (method, f"^{path}$"), None, params={"status": status, "message": "No."}))


def test_it_knows_who_it_is(asana: AsanaConnector) -> None:
    assert asana.test().name == "Lockstep"


def test_users_are_read_with_their_addresses(asana: AsanaConnector) -> None:
    (page,) = asana.pages(asana.resource("member"))
    assert [user.fields["email"] for user in page.records] == ["lockstep@example.com", "dana@example.com"]


def test_more_than_a_page_of_tasks(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.observers.clear()  # 250 tasks against the specification take seconds
    twin.seed_demo(250)
    assert len(set(ids(asana))) == 250
    assert asana.client.calls == 3


def test_section_tags_parent_and_custom_fields_take_their_own_calls(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(2)
    first, second = twin.store.live("tasks")
    task = asana.resource("task")
    wanted = {**HARD_TO_WRITE, "name": "all of it", "parent": {"gid": second.id}}
    now = asana.update(task, first.id, wanted, current=asana.fetch(task, first.id)).fields
    assert (now["name"], now["parent"]["gid"]) == ("all of it", second.id)
    assert shape(now) == ("Done", ["urgent"], "High")
    writes = asana.client.writes
    asana.update(task, first.id, {**HARD_TO_WRITE, "tags": []}, current=asana.fetch(task, first.id))
    assert asana.client.writes - writes == 2  # PUT for the custom field, removeTag


def test_what_was_not_asked_for_stays(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(1)
    (entry,) = twin.store.live("tasks")
    before = asana.fetch(asana.resource("task"), entry.id)
    after = asana.update(asana.resource("task"), entry.id, {"name": "new"}, current=before)
    changed = {name for name in after.fields if after.fields[name] != before.fields[name]}
    assert changed == {"name", "modified_at"}


def test_a_task_is_created_into_the_section_of_the_settings(twin: AsanaTwin, server: Server) -> None:
    section = twin.hand_create("sections", {"name": "Incoming", "project": PROJECT})
    made = (asana := connect(server, section=section.id)).create(asana.resource("task"), {"name": "a"}, key="k")
    assert made.fields["memberships"][0]["section"]["name"] == "Incoming"


def test_a_task_is_created_with_section_tags_and_custom_fields(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(1)
    made = asana.create(asana.resource("task"), {"name": "a", **HARD_TO_WRITE}, key="k")
    assert shape(made.fields) == ("Done", ["urgent"], "High")


@pytest.mark.parametrize(
    "fields",
    [
        {"memberships": [{"section": {"name": "Nowhere"}}]},
        {"tags": ["unheard of"]},
        {"custom_fields": [{"name": "Mood", "text_value": "good"}]},
    ],
)
def test_a_name_that_asana_does_not_have_is_refused(asana: AsanaConnector, fields: dict[str, object]) -> None:
    with pytest.raises(Rejected, match="Asana has no"):
        asana.create(asana.resource("task"), {"name": "a", **fields}, key="k")


def test_tags_by_name_need_the_workspace(server: Server) -> None:
    asana = connect(server, workspace="")
    with pytest.raises(ConfigError, match="workspace"):
        asana.create(asana.resource("task"), {"name": "a", "tags": ["urgent"]}, key="k")


def test_an_assignee_is_written_as_it_is_read(asana: AsanaConnector) -> None:
    task = asana.resource("task")
    made = asana.create(task, {"name": "a", "assignee": {"gid": PERSON}}, key="k")
    assert made.fields["assignee"]["email"] == "dana@example.com"
    assert asana.update(task, made.id, {"assignee": None}, current=made).fields["assignee"] is None


# A create whose answer was lost


def test_the_way_back_is_a_marker_under_oauth_only(asana: AsanaConnector, oauth: AsanaConnector) -> None:
    assert (asana.resource("task").way_back, oauth.resource("task").way_back) == ("natural_key", "marker")
    assert AsanaConnector.resources[1].way_back == "natural_key"


def test_under_oauth_a_lost_create_is_found_by_its_key_whatever_became_of_it(
    twin: AsanaTwin, oauth: AsanaConnector
) -> None:
    twin.faults.add(Fault("lose_response", ("POST", "^/tasks$")))
    task, before = oauth.resource("task"), twin.clock.now()
    twin.hand_create("tasks", {"name": "lost"})
    with pytest.raises(UnknownOutcome):
        oauth.create(task, {"name": "lost"}, key="key-1")
    ours = list(twin.store.live("tasks"))[-1].id
    twin.hand_update("tasks", ours, {"name": "renamed meanwhile"})
    assert [each.id for each in oauth.find_created(task, {"name": "lost"}, key="key-1", after=before)] == [ours]
    assert oauth.find_created(task, {"name": "lost"}, key="key-2", after=before) == []


def test_with_a_token_no_marker_is_sent(asana: AsanaConnector) -> None:
    made = asana.create(asana.resource("task"), {"name": "a"}, key="key-1")
    assert made.fields["external"] is None


def test_with_a_token_an_older_task_of_the_same_name_is_not_taken_for_ours(
    twin: AsanaTwin, asana: AsanaConnector
) -> None:
    older = twin.hand_create("tasks", {"name": "lost"}).id
    twin.clock.sleep(600)
    before = twin.clock.now()
    twin.hand_comment(older, "Still here.")
    assert asana.find_created(asana.resource("task"), {"name": "lost"}, key="k", after=before) == []


# Endpoints that are not there


@pytest.mark.parametrize("status", [404, 405, 400])
def test_without_a_batch_endpoint_tasks_are_read_one_by_one(
    twin: AsanaTwin, asana: AsanaConnector, status: int
) -> None:
    missing(twin, "POST", "/batch", status)
    wanted = [twin.hand_create("tasks", {"name": str(number)}).id for number in range(12)]
    found = asana.fetch_many(asana.resource("task"), [*wanted, "999"])
    assert [each for each, record in found.items() if record] == wanted
    assert twin.counts["POST"] == 1  # it is not tried again


def test_many_are_read_in_batches_of_ten(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.seed_demo(12)
    wanted = [*(entry.id for entry in twin.store.all("tasks")), "999"]
    found = asana.fetch_many(asana.resource("task"), wanted)
    assert (len([each for each in found.values() if each]), found["999"], asana.client.calls) == (12, None, 2)


@pytest.mark.parametrize("status", [404, 410])
def test_without_a_feed_it_is_not_found(twin: AsanaTwin, asana: AsanaConnector, status: int) -> None:
    missing(twin, "GET", "/events", status)
    with pytest.raises(NotFound):
        asana.feed(asana.resource("task"), None)


# Feed and webhooks


def test_leaving_the_project_is_a_change_and_coming_back_is_no_delete(twin: AsanaTwin, asana: AsanaConnector) -> None:
    task = twin.hand_create("tasks", {"name": "a"}).id
    token = asana.feed(asana.resource("task"), None).token
    asana.client.post(f"/tasks/{task}/removeProject", {"data": {"project": PROJECT}})
    feed = asana.feed(asana.resource("task"), token)
    assert (list(feed.changed), list(feed.deleted)) == ([task], [])


def test_a_long_feed_says_that_there_is_more(twin: AsanaTwin, asana: AsanaConnector) -> None:
    token = asana.feed(asana.resource("task"), None).token
    made = {twin.hand_create("tasks", {"name": str(number)}).id for number in range(130)}
    first = asana.feed(asana.resource("task"), token)
    second = asana.feed(asana.resource("task"), first.token)
    assert (first.more, second.more, {*first.changed, *second.changed}) == (True, False, made)


def test_an_answer_that_breaks_off_before_the_fresh_token_is_tried_later(
    twin: AsanaTwin, asana: AsanaConnector
) -> None:
    twin.faults.add(Fault("truncated", ("GET", "^/events$"), None))
    with pytest.raises(Transient):
        asana.feed(asana.resource("task"), None)


def test_a_token_that_rested_too_long_is_expired(twin: AsanaTwin, asana: AsanaConnector) -> None:
    token = asana.feed(asana.resource("task"), None).token
    twin.clock.sleep(25 * 3600)
    assert asana.feed(asana.resource("task"), token).expired


def test_a_webhook_is_registered_told_and_removed(twin: AsanaTwin, asana: AsanaConnector) -> None:
    received: list[HttpRequest] = []

    def receive(request: HttpRequest) -> HttpResponse:
        received.append(request)
        return HttpResponse(200, asana.handshake(request) or {})

    twin.webhooks.deliver = receive
    kept = asana.subscribe("https://example.com/hook", "unused")
    gid = twin.hand_create("tasks", {"name": "seen"}).id
    assert until(lambda: len(received) == 3)  # handshake, heartbeat, event
    asana.verify(received[-1], [kept["secret"]], now=twin.clock.now())
    assert [(event.external_id, event.action) for event in asana.events(received[-1])] == [(gid, "created")]
    asana.unsubscribe(kept)
    asana.unsubscribe(kept)
    assert twin.store.live("webhooks") == []


def test_a_target_that_does_not_echo_gets_no_webhook(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.webhooks.deliver = lambda request: HttpResponse(200)
    with pytest.raises(Rejected, match="handshake"):
        asana.subscribe("https://example.com/hook", "unused")
    assert twin.store.live("webhooks") == []


def test_the_same_target_twice_is_refused_in_asanas_words(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.webhooks.deliver = lambda request: HttpResponse(200, asana.handshake(request) or {})
    asana.subscribe("https://example.com/hook", "unused")
    with pytest.raises(ConfigError, match="Duplicated webhook"):
        asana.subscribe("https://example.com/hook", "unused")


# Settings


def test_projects_and_workspaces_can_be_picked(twin: AsanaTwin, asana: AsanaConnector) -> None:
    twin.hand_update("projects", twin.hand_create("projects", {"name": "Old"}).id, {"archived": True})
    assert asana.choices("project") == [(PROJECT, "Harbour Rd job")]
    assert asana.choices("workspace") == [(WORKSPACE, "Harbour Fitters")]


def test_a_comment_moves_the_stamp_and_nothing_else(twin: AsanaTwin, asana: AsanaConnector) -> None:
    task = twin.hand_create("tasks", {"name": "a"}).id
    before = asana.fetch(asana.resource("task"), task)
    twin.clock.sleep(1)
    twin.hand_comment(task, "Call ahead.")
    after = asana.fetch(asana.resource("task"), task)
    assert {name for name in after.fields if after.fields[name] != before.fields[name]} == {"modified_at"}
    assert before.updated_at < after.updated_at  # type: ignore[operator]
