"""Ticking another data type leads to the plan of its first sync."""

from __future__ import annotations

import orjson
import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from console.integrations.settings import SettingsForm
from integrations.models import IntegrationMapping, JobExecution
from tests.console.asking import opened, pressed
from tests.engine.scene import Scene

pytestmark = pytest.mark.usefixtures("workers")
JSON = ("settings", "merge_rules")


def tick(client: Client, scene: Scene, *data_types: str) -> tuple[str, str]:
    """(where it leads, what was said)."""
    form = SettingsForm(instance=scene.asana)
    sent = {name: form[name].value() for name in form.fields if name not in (*JSON, "new_credentials")}
    sent |= {name: orjson.dumps(getattr(scene.asana, name)).decode() for name in JSON}
    page = reverse("console:integration_settings", args=[scene.asana.pk])
    answer = client.post(page, sent | {"data_types": [*data_types], "new_credentials": ""})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"], " ".join(str(one) for one in get_messages(answer.wsgi_request))


def test_an_added_type_is_planned_and_written_when_a_person_approves(steward: Client, scene: Scene) -> None:
    scene.there("a task")
    scene.sync()
    scene.twin.hand_create("users", {"name": "Kim", "email": "kim@example.org"})
    place, said = tick(steward, scene, "TASKS", "MEMBERS")
    look = JobExecution.objects.get(job_type="INITIAL_IMPORT")
    assert (look.status, place) == ("AWAITING_APPROVAL", reverse("console:run", args=[look.pk]))
    assert "nothing is written before you approve" in said
    assert "Kim" in opened(steward, "run_steps", look.pk, "create_local")
    assert not IntegrationMapping.objects.filter(resource_type="member").exists()
    pressed(steward, "approve_run", look.pk)
    assert IntegrationMapping.objects.filter(resource_type="member").exists()


def test_discarding_it_leaves_the_rest_running(steward: Client, scene: Scene) -> None:
    scene.sync()
    tick(steward, scene, "TASKS", "MEMBERS")
    said = pressed(steward, "cancel_run", JobExecution.objects.get(job_type="INITIAL_IMPORT").pk)
    assert "Nothing was written, and these records stay out until you sync them." in said
    scene.asana.refresh_from_db()
    assert scene.asana.status == "ACTIVE"
    pressed(steward, "sync", scene.asana.pk)
    assert JobExecution.objects.filter(job_type="INITIAL_IMPORT").latest("created_at").status == "AWAITING_APPROVAL"


def test_what_is_saved_besides_leads_nowhere_else(steward: Client, scene: Scene) -> None:
    scene.sync()
    place, said = tick(steward, scene, "TASKS")
    assert (place, said) == (reverse("console:integration_settings", args=[scene.asana.pk]), "Saved.")
