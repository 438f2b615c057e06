"""The inbox and the card: who sees them, what they show, what a decision does, and how much they read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conflicts.models import ConflictResolution
from connectors.base.sandbox.faults import Fault
from integrations.models import JobExecution
from records.models import Task
from tests.engine.scene import Scene
from tests.records.factories import TaskFactory


@pytest.fixture
def case(scene: Scene) -> ConflictResolution:
    """The title was `base`, is `ours` here and `theirs` there; so is the due date."""
    scene.asana.conflict_strategy = "MANUAL_REVIEW"
    scene.asana.save()
    gid = scene.there("base", due_on="2026-12-01")
    scene.sync()
    scene.edit_here(Task.objects.get().pk, {"title": "ours", "dueDate": "2026-12-02"})
    scene.edit_there(gid, name="theirs", due_on="2026-12-03")
    scene.sync()
    return ConflictResolution.objects.get()


def shown(client: Client, name: str, *keys: Any, **query: str) -> str:
    answer = client.get(reverse(f"console:{name}", args=keys), query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def send(client: Client, case: ConflictResolution, **fields: str) -> Any:
    """Fills the form of the card as it is shown, and sends it."""
    page = client.get(reverse("console:conflict", args=[case.pk]))
    form = page.context["form"]
    given = {"token": form["token"].value(), "push": "on"}
    return client.post(reverse("console:conflict", args=[case.pk]), {**given, **fields}, follow=True)


def told(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def many(scene: Scene, number: int, **fields: Any) -> None:
    now = timezone.now()
    tasks = TaskFactory.create_batch(number, organization=scene.organization)
    ConflictResolution.objects.bulk_create(
        ConflictResolution(
            **{
                "integration": scene.asana, "resource_type": "task", "resource_id": str(task.pk),
                "conflicted_fields": ["title"], "local_data": {"title": f"here {n}"},
                "external_data": {"title": f"there {n}"}, "created_at": now - timedelta(minutes=n),
                "updated_at": now, **fields,
            }
        )
        for n, task in enumerate(tasks)
    )  # fmt: skip


def test_the_inbox_names_the_record_and_both_values(steward: Client, case: ConflictResolution) -> None:
    page = shown(steward, "conflicts")
    for text in ("ours", "theirs", "Dec. 2, 2026", "Dec. 3, 2026", reverse("console:conflict", args=[case.pk])):
        assert text in page


def test_an_empty_inbox_says_so(steward: Client) -> None:
    assert "Nothing waits for you" in shown(steward, "conflicts")
    assert "No case matches" in shown(steward, "conflicts", field="dueDate")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"field": "title"}, True),
        ({"field": "labels"}, False),
        ({"status": "RESOLVED"}, False),
        ({"kind": "FIELDS", "type": "task", "strategy": "MANUAL_REVIEW"}, True),
        ({"strategy": "LOCAL_WINS"}, False),
        ({"age": "old7"}, False),
        ({"age": "new1"}, True),
        ({"integration": "nonsense", "age": "x", "record": "\0"}, True),
    ],
)
def test_the_inbox_is_filtered(steward: Client, case: ConflictResolution, query: dict[str, str], found: bool) -> None:
    assert (reverse("console:conflict", args=[case.pk]) in shown(steward, "conflicts", **query)) is found


def test_cases_are_grouped_where_several_integrations_have_some(scene: Scene, steward: Client) -> None:
    other = scene.connect("Second Asana")
    many(scene, 7)
    many(scene, 2, integration=other)
    groups = steward.get(reverse("console:conflicts")).context["groups"]
    assert [(one.integration.name, one.count, len(one.rows), one.rest) for one in groups] == [
        ("Asana", 7, 5, 2),
        ("Second Asana", 2, 2, 0),
    ]


@pytest.mark.parametrize("integrations", [1, 2])
def test_a_long_inbox_costs_no_more_than_a_short_one(scene: Scene, steward: Client, integrations: int) -> None:
    if integrations == 2:
        many(scene, 3, integration=scene.connect("Second"))
    many(scene, 3)
    shown(steward, "conflicts")
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown(steward, "conflicts")
    many(scene, 120)
    with CaptureQueriesContext(connection) as lots:
        page = steward.get(reverse("console:conflicts"))
    assert len(lots) <= len(few) + 1  # the pages before and after
    assert len(lots) < 30
    assert page.context["facets"].total >= 123


def test_pages_of_a_long_inbox_show_each_case_once(scene: Scene, steward: Client) -> None:
    many(scene, 70)
    address, seen = reverse("console:conflicts"), []
    while address:
        page = steward.get(address).context["page"]
        seen += [case.pk for case in page]
        address = reverse("console:conflicts") + page.older if page.older else ""
    assert len(seen) == len(set(seen)) == 70


def test_the_card_shows_base_both_sides_and_the_writes_of_each_choice(
    steward: Client, case: ConflictResolution
) -> None:
    page = shown(steward, "conflict", case.pk)
    for text in ("base", "ours", "theirs", "Dec. 1, 2026", "Keep ours", "Keep theirs", "<code>due_on</code>", "Dana"):
        assert text in page
    assert "Asana does not say who" in page


@pytest.mark.parametrize(
    ("fields", "title", "due"),
    [
        ({"decision": "LOCAL_WINS"}, "ours", "2026-12-02"),
        ({"decision": "EXTERNAL_WINS"}, "theirs", "2026-12-03"),
        ({"decision": "CUSTOM_MERGE", "pick_title": "external", "pick_dueDate": "local"}, "theirs", "2026-12-02"),
        (
            {
                "decision": "CUSTOM_MERGE",
                "pick_title": "own",
                "own_title": "both",
                "pick_dueDate": "own",
                "own_dueDate": "",
            },
            "both",
            None,
        ),
    ],
)
def test_a_decision_holds_on_both_sides(
    scene: Scene, steward: Client, case: ConflictResolution, fields: dict[str, str], title: str, due: str | None
) -> None:
    answer = send(steward, case, **fields)
    assert "Decided." in told(answer)
    assert answer.redirect_chain[-1][0] == reverse("console:conflicts")
    scene.sync()
    task, (there,) = Task.objects.get(), scene.twin.store.live("tasks")
    assert (task.title, task.due_date and str(task.due_date)) == (title, due)
    assert (there.fields["name"], there.fields["due_on"]) == (title, due)
    case.refresh_from_db()
    assert (case.status, case.resolved_by) == ("RESOLVED", "steward")


def test_without_a_push_the_provider_keeps_its_value(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    send(steward, case, decision="LOCAL_WINS", push="")
    scene.sync(full=True)
    assert (scene.titles_here(), scene.names_there()) == (["ours"], ["theirs"])


def test_a_value_of_ones_own_is_checked_in_the_fields_words(steward: Client, case: ConflictResolution) -> None:
    answer = send(steward, case, decision="CUSTOM_MERGE", pick_title="own", own_title="")
    assert answer.status_code == 422
    assert "title may not be empty." in answer.content.decode()
    case.refresh_from_db()
    assert case.status == "PENDING"


def test_a_preview_writes_nothing(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    calls = scene.writes_there()
    answer = send(steward, case, preview="1", pick_title="own", own_title="both")
    assert [line.after for line in answer.context["merged"].here] == ["both"]
    assert [line.label for line in answer.context["merged"].there] == ["name", "due_on"]
    assert (scene.titles_here(), scene.writes_there()) == (["ours"], calls)


def test_a_side_that_moved_since_the_page_was_opened_is_shown(
    scene: Scene, steward: Client, case: ConflictResolution
) -> None:
    place = reverse("console:conflict", args=[case.pk])
    token = steward.get(place).context["form"]["token"].value()
    scene.edit_there(case.external_id, name="moved on")
    answer = steward.post(place, {"token": token, "push": "on", "decision": "EXTERNAL_WINS"}, follow=True)
    assert "a side has changed since you looked" in told(answer)
    assert "moved on" in answer.content.decode()
    assert scene.titles_here() == ["ours"]


def test_the_card_says_what_stood_before_a_side_moved(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    scene.edit_there(case.external_id, name="moved on")
    page = shown(steward, "conflict", case.pk)
    assert "A side has changed since this case was found." in page
    assert "was: theirs" in page


def test_a_provider_that_does_not_answer_is_named(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    scene.twin.faults.add(Fault("refused", ("GET", "^/tasks/"), times=None))
    page = shown(steward, "conflict", case.pk)
    assert "Asana could not be read just now" in page
    assert "theirs" in page
    assert "Nothing was decided" in told(send(steward, case, decision="LOCAL_WINS"))


def test_a_case_is_left_alone_and_opened_again(steward: Client, case: ConflictResolution) -> None:
    answer = steward.post(reverse("console:conflict_ignore", args=[case.pk]), follow=True)
    assert "Left alone." in told(answer)
    answer = steward.post(reverse("console:conflict_reopen", args=[case.pk]), follow=True)
    assert "Open again." in told(answer)
    case.refresh_from_db()
    assert case.status == "PENDING"


def test_the_value_that_lost_can_be_picked_again(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    send(steward, case, decision="EXTERNAL_WINS")
    scene.sync()
    steward.post(reverse("console:conflict_reopen", args=[case.pk]))
    again = ConflictResolution.objects.get(status="PENDING")
    send(steward, again, decision="CUSTOM_MERGE", pick_title="then_local")
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["ours"]


def test_a_closed_case_says_how_it_was_decided(steward: Client, case: ConflictResolution) -> None:
    send(steward, case, decision="CUSTOM_MERGE", pick_title="external", pick_dueDate="own", own_dueDate="2026-12-24")
    page = steward.get(reverse("console:conflict", args=[case.pk]))
    assert page.context["how"] == "Merged field by field"
    found = {one.label: (one.value, one.rule) for one in page.context["decided"]}
    assert found == {"Title": ("theirs", "theirs"), "Due date": ("Dec. 24, 2026", "neither side's")}


def test_cases_of_others_are_not_found(stranger: Client, case: ConflictResolution) -> None:
    assert "Nothing waits for you" in shown(stranger, "conflicts")
    for name in ("conflict", "conflict_ignore", "conflict_reopen"):
        place = reverse(f"console:{name}", args=[case.pk])
        answer = stranger.get(place) if name == "conflict" else stranger.post(place)
        assert answer.status_code == 404


def test_a_deleted_record_is_kept_or_let_go(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    scene.twin.hand_delete("tasks", case.external_id)
    scene.sync(full=True)
    scene.sync(full=True)
    gone = ConflictResolution.objects.get(status="PENDING")
    page = shown(steward, "conflict", gone.pk)
    assert "created again in Asana" in page
    assert "Delete it here too" in page
    assert "Decided." in told(send(steward, gone, decision="LOCAL_WINS"))
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["ours"]


def test_a_record_that_was_let_go_is_brought_back(scene: Scene, steward: Client, case: ConflictResolution) -> None:
    scene.twin.hand_delete("tasks", case.external_id)
    scene.sync(full=True)
    scene.sync(full=True)
    gone = ConflictResolution.objects.get(status="PENDING")
    send(steward, gone, decision="EXTERNAL_WINS")
    assert scene.titles_here() == []
    steward.post(reverse("console:conflict_reopen", args=[gone.pk]))
    again = ConflictResolution.objects.get(status="PENDING")
    page = shown(steward, "conflict", again.pk)
    for text in ("Bring the record back", "Leave it deleted", "ours"):
        assert text in page
    assert "has changed since this case was found" not in page
    assert "Decided." in told(send(steward, again, decision="LOCAL_WINS"))
    scene.sync()
    scene.sync()
    assert scene.titles_here() == scene.names_there() == ["ours"]


@pytest.fixture
def guarded(scene: Scene) -> JobExecution:
    """A run that stopped because it would delete twelve records here."""
    gids = [scene.there(f"task {n}") for n in range(12)]
    scene.sync()
    for gid in gids:
        scene.twin.hand_delete("tasks", gid)
    scene.sync(full=True)
    return JobExecution.objects.get(status="AWAITING_APPROVAL")


def test_too_many_deletes_stand_in_the_inbox(scene: Scene, steward: Client, guarded: JobExecution) -> None:
    page = shown(steward, "conflicts")
    assert "12 task records would be deleted here" in page
    answer = steward.post(reverse("console:approval_leave", args=[guarded.pk]), follow=True)
    assert "Left as it is" in told(answer)
    assert len(scene.titles_here()) == 12
    assert "would be deleted" not in shown(steward, "conflicts")


def test_deletes_that_were_looked_at_are_carried_out(
    scene: Scene, steward: Client, guarded: JobExecution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_engine.tasks.sync.apply_async", lambda *_, **__: None)
    steward.post(reverse("console:approval_approve", args=[guarded.pk]))
    assert JobExecution.objects.get(status="PENDING").options["approveDeletes"] is True
    scene.sync(approve_deletes=True, full=True)
    assert scene.titles_here() == []


def test_runs_of_others_are_not_approved(stranger: Client, guarded: JobExecution) -> None:
    for name in ("approval_approve", "approval_leave"):
        assert stranger.post(reverse(f"console:{name}", args=[guarded.pk])).status_code == 404
