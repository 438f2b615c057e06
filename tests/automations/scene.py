"""An organization with rules, and the steps that workers take, made by hand and in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from automations import acting, noting, reading, scheduling, services
from automations.hooks import sending
from automations.hooks import services as hooks
from automations.models import Hook, Rule, RuleFiring
from records import catalog
from records import services as records
from records.models import Organization, Task
from records.origins import Origin
from tests.records.factories import OrganizationFactory

PERSON = Origin("user", "7", "Dana")
TASK = catalog.get("task")
CREATED = {"type": "record.created", "resourceType": "task"}
UPDATED = {"type": "record.updated", "resourceType": "task"}


class SetClock:
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


def sets(**values: Any) -> dict[str, Any]:
    return {"type": "set_fields", "values": values}


class Scene:
    """`rule` makes one, `task` and `edit` are a person's, `work` is what workers do until nothing is due. Without
    `presets` the rules that are shipped are taken away."""

    def __init__(self, *, presets: bool = False) -> None:
        self.organization: Organization = OrganizationFactory()
        if not presets:
            Rule.objects.filter(organization=self.organization).delete()
        self.rules = 0

    def rule(self, trigger: Mapping[str, Any], *actions: Any, **changes: Any) -> Rule:
        self.rules += 1
        document = {"trigger": trigger, "conditions": changes.pop("conditions", {}), "actions": list(actions)}
        given = {"name": f"Rule {self.rules}", "document": document, **changes}
        return services.create_rule(self.organization, **given)

    def hook(self, url: str, *events: str, **changes: Any) -> tuple[Hook, str]:
        return hooks.subscribe(self.organization, url, list(events), **changes)

    def task(self, title: str = "Inspect attic", origin: Origin = PERSON, **values: Any) -> Task:
        made = records.create(TASK, str(self.organization.pk), {"title": title, **values}, origin)
        assert isinstance(made, Task)
        return made

    def edit(self, task: Task, origin: Origin = PERSON, **values: Any) -> None:
        records.update(TASK, str(self.organization.pk), str(task.pk), values, origin)

    def work(self) -> None:
        scheduling.note_due()
        noting.sweep()
        while reading.read() or acting.act() or any(sending.deliver(hook_id) for hook_id in sending.due_hooks()):
            continue

    def firings(self, rule: Rule | None = None) -> list[RuleFiring]:
        found = RuleFiring.objects.filter(organization=self.organization).order_by("id")
        return list(found if rule is None else found.filter(rule=rule))

    def statuses(self, rule: Rule | None = None) -> list[str]:
        return [str(firing.status) for firing in self.firings(rule)]
