"""A suggestion that nobody wants goes away, comes back on demand, and by itself once far more speaks for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conflicts.models import DismissedSuggestion
from tests.api.test_suggestions import decided
from tests.console.asking import opened, pressed
from tests.engine.scene import Scene

SENTENCE = "In 12 of 12 cases you kept Asana's due date."


@pytest.fixture
def habit(scene: Scene) -> dict[str, Any]:
    decided(scene.asana, "EXTERNAL", 12)
    rule = {"strategy": "prefer_external", "when": "always"}
    return {"integration": str(scene.asana.pk), "type": "task", "field": "dueDate", **rule}


def suggested(client: Client) -> bool:
    return "Make it a rule" in opened(client, "conflicts_suggestions")


def test_a_dismissed_suggestion_is_put_aside_and_can_be_brought_back(steward: Client, habit: dict[str, Any]) -> None:
    assert SENTENCE in opened(steward, "conflicts_suggestions")
    assert "after 6 more decisions" in pressed(steward, "conflicts_dismiss", **habit)
    page = opened(steward, "conflicts_suggestions")
    assert "1 dismissed suggestion" in page
    assert SENTENCE in page
    assert not suggested(steward)
    pressed(steward, "conflicts_restore", **habit)
    assert suggested(steward)


def test_it_comes_back_when_half_as_many_decisions_were_made_since(
    scene: Scene, steward: Client, habit: dict[str, Any]
) -> None:
    pressed(steward, "conflicts_dismiss", **habit)
    decided(scene.asana, "EXTERNAL", 5, resolved_at=timezone.now(), external_id="later")
    assert not suggested(steward)
    decided(scene.asana, "EXTERNAL", 1, resolved_at=timezone.now(), external_id="last")
    assert suggested(steward)


def test_what_is_not_suggested_cannot_be_dismissed(steward: Client, habit: dict[str, Any]) -> None:
    assert "not suggested any more" in pressed(steward, "conflicts_dismiss", **{**habit, "strategy": "min"})
    assert not DismissedSuggestion.objects.exists()


def test_strangers_dismiss_nothing(stranger: Client, habit: dict[str, Any]) -> None:
    assert stranger.post("/dashboard/admin/integrations/conflicts/suggestions/dismiss", habit).status_code == 404
    assert not DismissedSuggestion.objects.exists()
