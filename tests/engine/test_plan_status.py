"""A plan waits for approval until it is applied."""

from __future__ import annotations

from integrations.enums import JobStatus
from tests.engine.scene import Scene


def test_an_applied_plan_waits_no_more(scene: Scene) -> None:
    scene.there("Paint")
    plan = scene.sync(dry_run=True).run
    assert plan.status == JobStatus.AWAITING_APPROVAL
    scene.sync(plan=str(plan.pk))
    plan.refresh_from_db()
    assert plan.status == JobStatus.COMPLETED
    assert scene.titles_here() == ["Paint"]
