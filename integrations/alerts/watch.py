"""Alerts open when a rule begins to hold, are told again after the cooldown, and resolve when it ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from integrations.alerts.conditions import applies, holds, value_of
from integrations.alerts.words import WINDOWED, Channel
from integrations.health.figures import Runs, runs_since
from integrations.health.score import Health
from integrations.models import Alert, AlertRule, Integration
from integrations.notify import messages

Status = Alert.Status
WINDOW = 60
"""Minutes, for a rule that names none."""
Windows = Mapping[int, Mapping[UUID, Runs]]


@dataclass
class Watched:
    """What changed: alerts that opened, that were told of once more, that resolved."""

    opened: list[Alert] = field(default_factory=list)
    repeated: list[Alert] = field(default_factory=list)
    resolved: list[Alert] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Case:
    """One rule at one integration, and the alert that stands there."""

    rule: AlertRule
    integration: Integration
    health: Health
    alert: Alert | None
    now: datetime


@transaction.atomic
def watch(integrations: Sequence[Integration], healths: Mapping[UUID, Health], now: datetime) -> Watched:
    """Judges every rule of these integrations' organizations. What is to be told is written down in the same
    transaction. Safe to be called by several workers at once."""
    rules = _rules(integrations)
    windows = _windows(integrations, rules, now)
    alerts = _unresolved(integrations)
    watched = Watched()
    for integration in integrations:
        for rule in rules[integration.organization_id]:
            alert = alerts.pop((rule.pk, integration.pk), None)
            _judge(_Case(rule, integration, healths[integration.pk], alert, now), windows, watched)
    for orphan in alerts.values():  # their rule is gone
        _resolve(orphan, now, watched)
    return watched


def _judge(case: _Case, windows: Windows, watched: Watched) -> None:
    rule, alert = case.rule, case.alert
    value: float | None = None
    if applies(rule, case.health.figures):
        window = windows.get(rule.window_minutes or WINDOW, {}).get(case.integration.pk, Runs())
        value = value_of(rule, case.health, window)
        if value is None:
            return
        if holds(rule, value):
            _hold(case, value, watched)
            return
    if alert is not None:
        alert.value = alert.value if value is None else value
        _resolve(alert, case.now, watched)


def _hold(case: _Case, value: float, watched: Watched) -> None:
    """Opens the alert, or brings it up to date; tells of it while nobody has acknowledged it."""
    alert = case.alert
    if alert is None:
        alert = _open(case, value)
        if alert is None:
            return
        watched.opened.append(alert)
    alert.value, alert.last_seen_at = value, case.now
    alert.name, alert.severity = case.rule.name, case.rule.severity
    alert.operator, alert.threshold = case.rule.operator, case.rule.threshold
    if alert.status == Status.OPEN and _may_tell(case) and messages.of_alert(alert, case.rule, case.health, case.now):
        if alert.notified_at is not None:
            watched.repeated.append(alert)
        alert.notified_at = case.now
    alert.save()


def _open(case: _Case, value: float) -> Alert | None:
    """None where another worker was faster."""
    rule = case.rule
    try:
        with transaction.atomic():
            return Alert.objects.create(
                rule=rule,
                integration=case.integration,
                name=rule.name,
                severity=rule.severity,
                metric=rule.metric,
                operator=rule.operator,
                threshold=rule.threshold,
                value=value,
                opened_at=case.now,
                last_seen_at=case.now,
            )
    except IntegrityError:
        return None


def _may_tell(case: _Case) -> bool:
    """Once per cooldown, also where an alert ended and opened again in between."""
    if not set(case.rule.channels) - {Channel.DASHBOARD}:
        return False
    told = case.alert.notified_at if case.alert else None
    if told is None:
        earlier = Alert.objects.filter(rule=case.rule, integration=case.integration, notified_at__isnull=False)
        told = earlier.aggregate(last=Max("notified_at"))["last"]
    return told is None or case.now - told >= timedelta(minutes=case.rule.cooldown)


def _resolve(alert: Alert, now: datetime, watched: Watched) -> None:
    """Whoever was told of it is told of its end."""
    alert.status, alert.resolved_at = Status.RESOLVED, now
    alert.save(update_fields=["status", "resolved_at", "value"])
    if alert.notified_at is not None:
        messages.of_resolved(alert, now)
    watched.resolved.append(alert)


def _rules(integrations: Sequence[Integration]) -> dict[UUID, list[AlertRule]]:
    """By organization; those that are switched off too, because their alerts must end."""
    found: dict[UUID, list[AlertRule]] = defaultdict(list)
    wanted = {one.organization_id for one in integrations}
    for rule in AlertRule.objects.filter(organization__in=wanted).defer("slack_webhook").order_by("pk"):
        found[rule.organization_id].append(rule)
    return found


def _windows(
    integrations: Sequence[Integration], rules: Mapping[UUID, Sequence[AlertRule]], now: datetime
) -> dict[int, dict[UUID, Runs]]:
    """One query per length of window."""
    lengths = {
        one.window_minutes or WINDOW
        for mine in rules.values()
        for one in mine
        if one.enabled and one.metric in WINDOWED
    }
    ids = [one.pk for one in integrations]
    return {minutes: runs_since(ids, now - timedelta(minutes=minutes)) for minutes in lengths}


def _unresolved(integrations: Sequence[Integration]) -> dict[tuple[int | None, UUID], Alert]:
    """Locked, so that two workers do not both tell of one."""
    found = (
        Alert.objects.select_for_update(of=("self",))
        .filter(integration__in=integrations)
        .exclude(status=Status.RESOLVED)
        .select_related("integration")
    )
    return {(one.rule_id, one.integration_id): one for one in found}
