"""Is this integration well? Facts for people, and for every failure a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db.models import Count

from conflicts.models import ConflictResolution
from connectors.base.connector import Connector
from connectors.base.errors import ConnectorError
from integrations.connect import connect
from integrations.enums import IntegrationStatus, JobStatus, MappingStatus
from integrations.mapping.errors import MappingError
from integrations.models import Integration, IntegrationMapping, ParkedRecord, PendingChange
from sync_engine import build
from sync_engine.ports import ports
from sync_engine.running.runs import sentence_for

SHOWN = 10
"""Parked records that are listed one by one."""


@dataclass
class Checkup:
    """`facts` are (what, sentence) in order; `failures` are sentences. Well = no failures."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def fact(self, what: str, sentence: str) -> None:
        self.facts.append((what, sentence))


def check(integration: Integration) -> Checkup:
    """Calls the provider; writes nothing on either side."""
    found = Checkup()
    found.fact("Integration", f"{integration.name}, {integration.type} at {integration.base_url}")
    _status(found, integration)
    connector = _connection(found, integration)
    if connector is not None:
        _mappings(found, integration, connector)
        _probe(found, connector)
    _waiting(found, integration)
    _last_run(found, integration)
    return found


def _status(found: Checkup, integration: Integration) -> None:
    found.fact("Status", integration.get_status_display())
    found.fact(
        "Direction", f"{integration.get_sync_direction_display()}; {integration.get_sync_frequency_display().lower()}"
    )
    if integration.status in (IntegrationStatus.PAUSED, IntegrationStatus.DISABLED):
        found.failures.append(f"It is {integration.status.lower()}, so nothing is synced. Resume it in the console.")
    if integration.status == IntegrationStatus.ERROR:
        found.failures.append(
            "It is not scheduled any more after an error. Mend what the last run names, then sync it once by hand."
        )


def _connection(found: Checkup, integration: Integration) -> Connector | None:
    """The connector, if its test passes."""
    try:
        connector = connect(integration, clock=ports().clock)
        account = connector.test()
    except ConnectorError as error:
        found.failures.append(f"The connection does not work: {sentence_for(error)}")
        return None
    found.fact("Account", f"{account.name or 'without a name'} ({account.id})")
    if integration.account_id and integration.account_id != account.id:
        found.failures.append(
            f"The credentials belong to account {account.id}, but this integration was made for "
            f"{integration.account_id}. Enter credentials of that account, or make an integration of its own."
        )
    return connector


def _mappings(found: Checkup, integration: Integration, connector: Connector) -> None:
    counts = dict(
        IntegrationMapping.objects.filter(integration=integration)
        .values_list("resource_type")
        .annotate(number=Count("id"))
    )
    try:
        made = build.shapes(integration, connector)
    except (ConnectorError, MappingError) as error:
        found.failures.append(sentence_for(error))
        return
    for shape in made:
        ways = " and ".join(way for way, yes in (("read", shape.pulls), ("written", shape.pushes)) if yes)
        found.fact(
            f"Mapping of {shape.type}",
            f"version {shape.mapping_version}, {len(shape.mapping.rules)} fields, {ways or 'not moved'}; "
            f"{counts.get(shape.type, 0)} linked",
        )


def _probe(found: Checkup, connector: Connector) -> None:
    """Connectors made from configuration bring a probe that tries what the configuration claims."""
    name = f"{type(connector).__module__.rpartition('.')[0]}.probe"
    if find_spec(name) is None:
        return
    for line in import_module(name).probe(connector).lines:
        if line.level == "red":
            found.failures.append(f"{line.subject}, {line.step}: {line.sentence}")
        else:
            found.fact(f"Probe of {line.subject}, {line.step}", f"{line.level}: {line.sentence}")


def _waiting(found: Checkup, integration: Integration) -> None:
    pending = PendingChange.objects.filter(integration=integration)
    found.fact("Waiting to be written", str(pending.count()))
    reasons = pending.exclude(reason="").values_list("reason").annotate(number=Count("id")).order_by("-number")[:SHOWN]
    for reason, number in reasons:
        found.fact("  put off", f"{number}: {reason}")
    conflicts = ConflictResolution.objects.filter(integration=integration, status="PENDING").count()
    found.fact("Conflicts", f"{conflicts} wait for a decision in the console" if conflicts else "none")
    for what, sentence in _parked(integration):
        found.fact(what, sentence)


def _parked(integration: Integration) -> Iterator[tuple[str, str]]:
    """Records and links that wait until somebody mends what the reason names."""
    records = ParkedRecord.objects.filter(integration=integration)
    links = IntegrationMapping.objects.filter(integration=integration, sync_status=MappingStatus.ERROR)
    total = records.count() + links.count()
    yield "Parked", f"{total}; mend what they name, then run retry_failed" if total else "none"
    named: list[Any] = [*records.order_by("id")[:SHOWN], *links.order_by("id")[:SHOWN]]
    for one in named[:SHOWN]:
        where = one.record_id if isinstance(one, ParkedRecord) else one.external_id
        yield f"  {one.resource_type} {where}", one.reason


def _last_run(found: Checkup, integration: Integration) -> None:
    run = integration.job_executions.order_by("-started_at").first()
    if run is None:
        found.fact("Last run", "never; the first one is a plan: sync --dry-run")
        return
    found.fact(
        "Last run",
        f"{run.started_at:%Y-%m-%d %H:%M} UTC, {run.get_status_display().lower()}: {run.total_records} records, "
        f"{run.error_count} failed, {run.conflict_count} conflicts",
    )
    if run.status == JobStatus.FAILED:
        found.failures.append(f"The last run failed: {run.error_message}")
