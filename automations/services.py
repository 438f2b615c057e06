"""Rules are made, changed, switched and tried again here, by the API, the console and the seeds alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from automations import actions, signals
from automations.document import Compiled, examine
from automations.errors import DocumentError, Problem
from automations.models import Rule, RuleFiring, RuleVersion
from integrations.models import Integration
from records.models import Organization
from sync_engine.ports import ports


class DuplicateRule(ValueError):
    """An organization has one rule of a name."""


class CannotRetry(ValueError):
    """Only what failed or was stopped can be tried again."""


def checked(organization: Organization, document: Any) -> Compiled:
    """Everything about a document that can be told before it fires. Raises `DocumentError` with every problem."""
    compiled, problems = examine(document)
    if any(problem.path.startswith(("trigger", "document")) for problem in problems):
        raise DocumentError(problems)  # what the actions may name depends on the trigger
    problems += [problem for given in compiled.actions for problem in actions.check(given, compiled, organization)]
    wanted = compiled.trigger.integration
    if wanted and not Integration.objects.filter(organization=organization, pk__in=_ids(wanted)).exists():
        problems.append(Problem("trigger.integration", "There is no such integration. Leave it out to mean any."))
    if problems:
        raise DocumentError(problems)
    return compiled


def _ids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []


@transaction.atomic
def create_rule(
    organization: Organization, *, name: str, document: Mapping[str, Any], saved_by: str = "", **fields: Any
) -> Rule:
    """Raises `DocumentError`, `DuplicateRule`."""
    compiled = checked(organization, document)
    _once(organization, name)
    now = ports().clock.now()
    rule = Rule(organization=organization, name=name, created_by=saved_by, created_at=now, updated_at=now, **fields)
    _store(rule, document, compiled, saved_by)
    return rule


@transaction.atomic
def change_rule(rule: Rule, *, saved_by: str = "", document: Mapping[str, Any] | None = None, **fields: Any) -> Rule:
    """Changes what is given; a new document is a new version. Switching on starts the count of failures anew.
    Raises `DocumentError`, `DuplicateRule`."""
    if document is not None or fields.get("enabled"):
        compiled = checked(rule.organization, rule.document if document is None else document)
    if "name" in fields and fields["name"] != rule.name:
        _once(rule.organization, fields["name"])
    switched_on = fields.get("enabled") and not rule.enabled
    for name, value in fields.items():
        setattr(rule, name, value)
    if switched_on or fields.get("enabled"):
        rule.failures, rule.disabled_reason = 0, ""
    if switched_on:
        rule.last_due_at = None
    rule.updated_at = ports().clock.now()
    if document is not None and document != rule.document:
        rule.version += 1
        _store(rule, document, compiled, saved_by)
    else:
        rule.save()
    return rule


def _once(organization: Organization, name: str) -> None:
    if Rule.objects.filter(organization=organization, name=name).exists():
        raise DuplicateRule(f"There is already a rule named '{name}'. Choose another name.")


def _store(rule: Rule, document: Mapping[str, Any], compiled: Compiled, saved_by: str) -> None:
    rule.document = dict(document)
    rule.event, rule.resource_type = compiled.trigger.kind, compiled.trigger.resource_type
    rule.save()
    RuleVersion.objects.create(
        rule=rule, version=rule.version, name=rule.name, document=rule.document, saved_by=saved_by,
        saved_at=ports().clock.now(),
    )  # fmt: skip


@transaction.atomic
def switch_off(rule: Rule, reason: str) -> None:
    """By itself, with the reason, once; whoever raises alerts is told."""
    changed = Rule.objects.filter(pk=rule.pk, enabled=True).update(enabled=False, disabled_reason=reason)
    rule.enabled, rule.disabled_reason = False, reason
    if changed:
        signals.rule_switched_off.send(sender=Rule, rule=rule, reason=reason)


def planned_firings(rule: Rule, since: datetime) -> int:
    """How many firings of a rule were due since then, or will be."""
    return (
        RuleFiring.objects.filter(rule=rule, first_due_at__gt=since).exclude(status=RuleFiring.Status.STOPPED).count()
    )


def retry_firing(firing: RuleFiring) -> None:
    """Tries again now what failed or was stopped; actions that are done stay done. Raises `CannotRetry`."""
    now = ports().clock.now()
    changed = RuleFiring.objects.filter(
        pk=firing.pk, status__in=(RuleFiring.Status.FAILED, RuleFiring.Status.STOPPED)
    ).update(status=RuleFiring.Status.WAITING, attempts=0, next_attempt_at=now, finished_at=None, reason="")
    if not changed:
        raise CannotRetry(f"This firing is {firing.get_status_display().lower()}: there is nothing to try again.")
    firing.refresh_from_db()
