"""Adding an integration: five steps against the twin, wrong input, and whose draft it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors.asana.sandbox.twin import PROJECT
from integrations.enums import JobStatus, JobType
from integrations.models import Integration, IntegrationDraft
from jobs_boards import services
from records.models import Task
from sync_engine.running import schedule
from tests.engine.scene import Scene
from tests.records.factories import OrganizationFactory

TOKEN = "sandbox-token"


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    from sync_engine import tasks

    asked: list[Any] = []
    monkeypatch.setattr(tasks.sync, "apply_async", lambda args, **_: asked.append(args))
    return asked


def begin(client: Client) -> IntegrationDraft:
    Integration.objects.update(base_url="http://127.0.0.1:9")  # the scene's own has the same project
    answer = client.post(reverse("console:add"), {"type": "asana"})
    draft = IntegrationDraft.objects.latest("created_at")
    assert answer["Location"] == reverse("console:add-basics", args=[draft.pk])
    return draft


def post(client: Client, step: str, draft: IntegrationDraft, **given: Any) -> Any:
    return client.post(reverse(f"console:add-{step}", args=[draft.pk]), given)


def basics(scene: Scene, client: Client, **changes: Any) -> IntegrationDraft:
    draft = begin(client)
    given = {
        "organization": scene.organization.pk,
        "name": "Main workspace",
        "base_url": scene.server.url_of("asana"),
        "auth_type": "BEARER_TOKEN",
    }
    answer = post(client, "basics", draft, **{**given, **changes})
    assert answer.status_code == 302, answer.context["form"].errors
    return draft


def up_to_review(scene: Scene, client: Client) -> IntegrationDraft:
    draft = basics(scene, client)
    assert post(client, "credentials", draft, token=TOKEN).status_code == 302
    answer = post(
        client,
        "sync",
        draft,
        setting_project=PROJECT,
        data_types=["TASKS", "MEMBERS"],
        sync_direction="BIDIRECTIONAL",
        sync_frequency="HOURLY",
        conflict_strategy="MANUAL_REVIEW",
        on_external_delete="ARCHIVE",
        on_local_delete="ARCHIVE",
    )
    assert answer.status_code == 302, answer.context["form"].errors
    return draft


def test_five_steps_make_an_integration_whose_first_sync_is_a_plan(
    scene: Scene, steward: Client, queued: list[Any]
) -> None:
    scene.there("buoys")
    draft = up_to_review(scene, steward)
    assert b"The connection works" in steward.get(reverse("console:add-review", args=[draft.pk])).content
    answer = post(steward, "review", draft)
    made = Integration.objects.get(name="Main workspace")
    run = made.job_executions.get()
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert (run.job_type, run.status, run.options["dryRun"]) == (JobType.INITIAL_IMPORT, JobStatus.PENDING, True)
    assert (made.credentials, made.account_id != "") == ({"token": TOKEN}, True)
    assert (IntegrationDraft.objects.count(), Task.objects.count(), len(queued)) == (0, 0, 1)


def test_the_secret_is_shown_in_the_answer_and_never_again(scene: Scene, steward: Client, queued: list[Any]) -> None:
    draft = up_to_review(scene, steward)
    shown = post(steward, "review", draft).content.decode()
    made = Integration.objects.get(name="Main workspace")
    if made.webhook_secret.get("subscription") is None:
        assert made.webhook_secret["current"] in shown
    assert (
        made.webhook_secret["current"]
        not in steward.get(reverse("console:integration", args=[made.pk])).content.decode()
    )


def test_refused_credentials_are_said_and_nothing_is_made(scene: Scene, steward: Client) -> None:
    draft = basics(scene, steward)
    answer = post(steward, "credentials", draft, token="wrong")
    assert (answer.status_code, answer.context["wrong"]) == (
        422,
        "The provider refused these credentials: Not Authorized (HTTP 401)",
    )
    assert b"wrong" not in answer.content
    assert Integration.objects.filter(name="Main workspace").count() == 0


def test_a_stored_credential_is_kept_when_left_empty_and_never_sent_back(scene: Scene, steward: Client) -> None:
    draft = basics(scene, steward)
    post(steward, "credentials", draft, token=TOKEN)
    page = steward.get(reverse("console:add-credentials", args=[draft.pk])).content.decode()
    assert (TOKEN in page, "Leave it empty" in page) == (False, True)
    assert post(steward, "credentials", draft, token="").status_code == 302


def test_the_projects_of_the_account_are_offered_by_name(scene: Scene, steward: Client) -> None:
    draft = basics(scene, steward)
    post(steward, "credentials", draft, token=TOKEN)
    form = steward.get(reverse("console:add-sync", args=[draft.pk])).context["form"]
    assert PROJECT in dict(form.fields["setting_project"].choices)
    assert "setting_section" not in form.fields


def test_a_name_that_is_taken_is_said_at_the_field(scene: Scene, steward: Client) -> None:
    draft = begin(steward)
    answer = post(
        steward,
        "basics",
        draft,
        organization=scene.organization.pk,
        name=scene.asana.name,
        base_url=scene.server.url_of("asana"),
        auth_type="BEARER_TOKEN",
    )
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])


def test_private_addresses_are_refused(scene: Scene, steward: Client, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    draft = begin(steward)
    answer = post(steward, "basics", draft, base_url="http://169.254.169.254/", name="x", auth_type="BEARER_TOKEN")
    assert "base_url" in answer.context["form"].errors


def test_a_step_cannot_be_jumped_over(scene: Scene, steward: Client) -> None:
    draft = begin(steward)
    answer = steward.get(reverse("console:add-review", args=[draft.pk]))
    assert answer["Location"] == reverse("console:add-basics", args=[draft.pk])


def test_a_draft_is_its_owners(scene: Scene, steward: Client, stranger: Client, clerk: Client) -> None:
    draft = begin(steward)
    address = reverse("console:add-basics", args=[draft.pk])
    assert [one.get(address).status_code for one in (steward, stranger, clerk)] == [200, 404, 403]


def test_every_tool_has_its_card_and_can_be_begun(scene: Scene, steward: Client) -> None:
    cards = steward.get(reverse("console:add")).context["cards"]
    assert {"asana", "generic_rest"} <= {card.key for card in cards}
    for card in cards:
        answer = steward.post(reverse("console:add"), {"type": card.key}, follow=True)
        assert answer.status_code == 200, card.key


def test_who_discards_the_first_plan_pauses_the_integration(scene: Scene, steward: Client, queued: list[Any]) -> None:
    post(steward, "review", up_to_review(scene, steward))
    made = Integration.objects.get(name="Main workspace")
    run = made.job_executions.get()
    assert schedule.due() == [scene.asana]
    run.status = JobStatus.AWAITING_APPROVAL
    run.save()
    steward.post(reverse("console:cancel_run", args=[run.pk]))
    made.refresh_from_db()
    assert made.status == "PAUSED"


def to_sync(scene: Scene, client: Client) -> IntegrationDraft:
    draft = basics(scene, client)
    assert post(client, "credentials", draft, token=TOKEN).status_code == 302
    return draft


def answered(client: Client, draft: IntegrationDraft, **given: Any) -> Any:
    usual = {
        "setting_project": PROJECT,
        "sync_direction": "BIDIRECTIONAL",
        "sync_frequency": "HOURLY",
        "conflict_strategy": "MANUAL_REVIEW",
        "on_external_delete": "ARCHIVE",
        "on_local_delete": "ARCHIVE",
    }
    return post(client, "sync", draft, **{**usual, **given})


def test_items_of_a_board_are_offered_with_the_choice_of_the_board(
    scene: Scene, steward: Client, queued: list[Any]
) -> None:
    board = services.create_board(scene.organization, "Attics", ())
    services.create_board(OrganizationFactory(), "Theirs", ())
    draft = to_sync(scene, steward)
    form = steward.get(reverse("console:add-sync", args=[draft.pk])).context["form"]
    assert "ITEMS" in dict(form.fields["data_types"].choices)
    assert "ITEMS" not in form["data_types"].initial
    assert [label for _, label in form.fields["home_item"].choices][1:] == ["Attics"]

    assert answered(steward, draft, data_types=["MEMBERS", "ITEMS"], home_item=str(board.pk)).status_code == 302
    assert b"Attics" in steward.get(reverse("console:add-review", args=[draft.pk])).content
    assert post(steward, "review", draft).status_code == 200
    made = Integration.objects.get(name="Main workspace")
    assert made.settings["scope"] == {"item": {"boardId": [str(board.pk)]}}
    document = made.field_mappings.get(resource_type="item").document
    assert {"internalField": "boardId", "transform": {"type": "constant", "value": str(board.pk)}} in document[
        "externalToInternal"
    ]


def test_a_board_that_was_not_chosen_and_tasks_beside_items_are_said_at_their_fields(
    scene: Scene, steward: Client
) -> None:
    board = services.create_board(scene.organization, "Attics", ())
    draft = to_sync(scene, steward)
    without = answered(steward, draft, data_types=["ITEMS"])
    assert (without.status_code, list(without.context["form"].errors)) == (422, ["home_item"])
    both = answered(steward, draft, data_types=["TASKS", "ITEMS"], home_item=str(board.pk))
    assert (both.status_code, list(both.context["form"].errors)) == (422, ["data_types"])


def test_items_are_not_offered_where_there_is_no_board(scene: Scene, steward: Client) -> None:
    form = steward.get(reverse("console:add-sync", args=[to_sync(scene, steward).pk])).context["form"]
    assert ("ITEMS" in dict(form.fields["data_types"].choices), "home_item" in form.fields) == (False, False)
