"""Boards and jobs in the console, for those who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import IntegrationDraft
from jobs_boards import services
from jobs_boards.models import BoardColumn, Item, Job, JobStateChange
from tests.console.conftest import person
from tests.engine.scene import Scene
from tests.jobs_boards.scene import Hub
from tests.records.factories import MemberFactory, OrganizationFactory


@pytest.fixture
def hub(scene: Scene) -> Hub:
    return Hub(scene.organization)


def address(name: str, *keys: Any) -> str:
    return reverse(f"console:{name}", args=keys)


def test_strangers_and_clerks_stay_outside(hub: Hub, stranger: Client, clerk: Client) -> None:
    job, item = hub.job("Attic"), hub.item("Nails")
    for name, key in (("board", hub.board.pk), ("item", item.pk), ("job", job.pk), ("edit_job", job.pk)):
        assert stranger.get(address(name, key)).status_code == 404
        assert clerk.get(address(name, key)).status_code == 403
    for name, key in (("move_item", item.pk), ("delete_item", item.pk), ("sync_to_board", job.pk)):
        assert stranger.post(address(name, key), {"status": "Closed Job"}).status_code == 404
    assert Item.objects.get().status == ""
    assert b"Attic" not in stranger.get(address("jobs")).content
    assert b"Active Jobs" not in stranger.get(address("board", hub.board.pk)).content


def test_a_card_is_moved_with_and_without_a_script(hub: Hub, steward: Client) -> None:
    item = hub.item("Nails", status="In Production")
    move = address("move_item", item.pk)
    asked = {"HTTP_X_REQUESTED_WITH": "fetch"}
    assert steward.post(move, {"status": "Closed Job"}, **asked).status_code == 204
    assert Item.objects.get().status == "Closed Job"
    refused = steward.post(move, {"status": "Lost"}, **asked)
    assert (refused.status_code, b"has no label" in refused.content) == (422, True)
    answer = steward.post(move, {"status": "Pending Review", "next": address("board", hub.board.pk)}, follow=True)
    assert "is now Pending Review" in answer.content.decode()
    assert Item.objects.get().status == "Pending Review"


def test_an_item_with_an_undeclared_status_is_not_hidden(hub: Hub, steward: Client) -> None:
    item = hub.item("Nails", status="In Production")
    Item.objects.filter(pk=item.pk).update(status="Lost")
    content = steward.get(address("board", hub.board.pk)).content.decode()
    assert 'data-lane="Lost"' in content
    assert "Nails" in content


def test_a_board_is_found_by_text_group_and_person(hub: Hub, steward: Client) -> None:
    rosa = MemberFactory(organization=hub.organization, name="Rosa")
    hub.item("Nails", lead=str(rosa.pk))
    hub.item("Hammer")
    for query in ("text=nai", f"person={rosa.pk}"):
        for view in ("", "&view=table"):
            content = steward.get(address("board", hub.board.pk) + f"?{query}{view}").content.decode()
            assert ("Nails" in content, "Hammer" in content) == (True, False), query


def test_a_lane_shows_so_many_and_names_the_rest(hub: Hub, steward: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.boards.lanes.EACH", 2)
    for name in ("Nails", "Hammer", "Saw"):
        hub.item(name, status="In Production")
    assert "1 more, in the table" in steward.get(address("board", hub.board.pk)).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_items(
    hub: Hub, steward: Client, django_assert_max_num_queries: Any
) -> None:
    rosa = MemberFactory(organization=hub.organization)
    for number in range(20):
        hub.item(f"Item {number}", lead=str(rosa.pk), status="In Production")
    for view in ("", "?view=table"):
        with django_assert_max_num_queries(30):
            steward.get(address("board", hub.board.pk) + view)


def test_a_job_is_entered_and_edited_and_only_the_change_is_written(hub: Hub, steward: Client) -> None:
    made = steward.post(address("new_job"), {"title": "Attic", "status": "Pending Review", "contractAmount": "1200.50"})
    job = Job.objects.get()
    assert made.headers["Location"] == address("job", job.pk)
    assert (job.status, str(job.contract_amount)) == ("Pending Review", "1200.50")
    form = {"title": "Attic", "status": "Pending Review", "contractAmount": "1200.50", "addressLine1": "1 Elm"}
    Job.objects.filter(pk=job.pk).update(number="J-1")
    stale = {**form, "number": "J-1"}
    assert steward.post(address("edit_job", job.pk), stale).status_code == 302
    job = Job.objects.get()
    assert (job.address_line1, job.number) == ("1 Elm", "J-1")
    wrong = {**stale, "scheduledStart": "2026-03-02T08:00", "scheduledEnd": "2026-03-01T08:00"}
    answer = steward.post(address("edit_job", job.pk), wrong)
    assert (answer.status_code, b"The end lies before the start." in answer.content) == (422, True)


def test_people_of_another_organization_cannot_be_chosen(hub: Hub, steward: Client) -> None:
    theirs = MemberFactory(organization=OrganizationFactory())
    form = {"title": "Attic", "status": "Pending Review", "leadTechnicianId": str(theirs.pk)}
    assert steward.post(address("new_job"), form).status_code == 422
    assert not Job.objects.exists()


def test_the_history_of_a_job_says_who(hub: Hub, steward: Client) -> None:
    job = hub.job("Attic")
    steward.post(address("edit_job", job.pk), {"title": "Attic", "status": "Closed Job"})
    assert JobStateChange.objects.get().actor == "steward"
    content = steward.get(address("job", job.pk)).content.decode()
    assert "was Requires Crew Lead" in content
    assert "steward" in content


def test_syncing_by_button_says_what_came_of_it(hub: Hub, steward: Client) -> None:
    job = hub.job("Attic")
    back = {"next": address("job", job.pk)}
    assert "Made and linked." in steward.post(address("sync_to_board", job.pk), back, follow=True).content.decode()
    item = hub.item_of(job)
    hub.edit_item(item, status="Closed Job")
    there = {"next": address("item", item.pk)}
    assert "Synced." in steward.post(address("sync_to_job", item.pk), there, follow=True).content.decode()
    assert hub.fresh(job).status == "Closed Job"
    BoardColumn.objects.get(board=hub.board, key="address").delete()
    refused = steward.post(address("sync_to_board", job.pk), back, follow=True).content.decode()
    assert "has no column address" in refused


def test_the_steps_of_adding_an_integration_ask_boards_for_neither_address_nor_proof(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    steward = person("sam", scene.organization, "WEB_STEWARD")
    monkeypatch.setattr("sync_engine.tasks.sync.apply_async", lambda *_, **__: None)
    steward.post(address("add"), {"type": "boards"})
    draft = IntegrationDraft.objects.get()
    basics = {"organization": scene.organization.pk, "name": "Jobs", "setting_unlinked_items": "ignore"}
    assert steward.post(address("add-basics", draft.pk), basics).status_code == 302
    none = steward.post(address("add-credentials", draft.pk))
    assert (none.status_code, b"There is no board yet" in none.content) == (422, True)
    board = services.active_jobs_board(scene.organization)
    assert steward.post(address("add-credentials", draft.pk)).status_code == 302
    page = steward.get(address("add-sync", draft.pk)).content.decode()
    assert "Active Jobs" in page
    chosen = {
        "data_types": ["JOBS"],
        "sync_direction": "BIDIRECTIONAL",
        "sync_frequency": "REALTIME",
        "conflict_strategy": "LATEST_WINS",
        "on_external_delete": "UNLINK",
        "on_local_delete": "ARCHIVE",
        "setting_board": str(board.pk),
    }
    answer = steward.post(address("add-sync", draft.pk), chosen)
    assert answer.status_code == 302, answer.context["form"].errors
    assert steward.get(address("add-review", draft.pk)).status_code == 200


def test_a_board_is_set_up_with_one_click(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    steward = person("sam", scene.organization, "WEB_STEWARD")
    assert "No board yet" in steward.get(address("boards")).content.decode()
    monkeypatch.setattr("console.boards.setup.started", lambda integration, who: None)
    answer = steward.post(address("set_up_active_jobs"), follow=True)
    assert "Your jobs are on their way to it." in answer.content.decode()
    again = steward.post(address("set_up_active_jobs"), follow=True)
    assert "already an integration named" in again.content.decode()
    assert "Kept in step with jobs" in steward.get(address("boards")).content.decode()
