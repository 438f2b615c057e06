"""R4's dispatcher: sync a provider of an organization, whatever the provider is.

    dispatch_sync(SyncOptions(organization_id, "google-calendar")) -> SyncResult
    get_sync_capabilities("google-calendar") -> SyncCapabilities

Which provider can do what is asked of its class, so a connector that is added is dispatched to at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from connectors.base import registry
from connectors.base.capabilities import Pulls, Pushes, Triggers
from connectors.base.connector import Connector
from connectors.base.errors import ConfigError, ConnectorError
from integrations.connect import connect
from integrations.models import Integration
from records import catalog
from sync_engine.ports import ports
from sync_engine.running import runs

MOVED = ("created", "pulled", "pushed", "deleted", "matched")


@dataclass(frozen=True)
class SyncOptions:
    """`integration_id` is the provider's key in any of its spellings ("google-calendar", "GOOGLE_CALENDAR");
    `item_ids` are local records to push alone."""

    organization_id: str | UUID
    integration_id: str
    item_ids: tuple[str, ...] = ()
    direction: Literal["push", "pull", "both"] = "both"
    dry_run: bool = False


@dataclass
class SyncResult:
    """`synced` and `failed` count records; `errors` are sentences; `details` holds the counters of the runs, or
    of a dry run the number of planned steps and the plan's id."""

    success: bool
    synced: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SyncCapabilities:
    """`sync_types` are the plural kinds of R1's data types in lower case ("tasks"), or "webhooks"."""

    can_sync: bool
    sync_types: tuple[str, ...]
    supports_direction: bool
    description: str


def get_sync_capabilities(provider: str) -> SyncCapabilities:
    """What can be synced with a provider. An unknown one can do nothing, and the description says so."""
    cls = _find(provider)
    if cls is None:
        return SyncCapabilities(False, (), False, _unknown(provider))
    moves = issubclass(cls, Pulls | Pushes)
    types = _types(cls) if moves else ("webhooks",) if issubclass(cls, Triggers) else ()
    two_way = issubclass(cls, Pulls) and issubclass(cls, Pushes)
    return SyncCapabilities(moves or issubclass(cls, Triggers), types, two_way, cls.description or cls.label)


def dispatch_sync(options: SyncOptions) -> SyncResult:
    """Syncs every integration that the organization has with the provider, one after the other, in this process.
    Whatever goes wrong as expected is in the result."""
    cls = _find(options.integration_id)
    if cls is None:
        return SyncResult(False, errors=[_unknown(options.integration_id)])
    if not issubclass(cls, Pulls | Pushes | Triggers):
        return SyncResult(True, details={"message": f"{cls.label} sends messages in real-time; there is no sync."})
    if problem := _refused(cls, options):
        return SyncResult(False, errors=[problem])
    chosen = Integration.objects.filter(organization_id=options.organization_id, type=cls.key.upper())
    results = [_dispatch(cls, integration, options) for integration in chosen]
    if not results:
        return SyncResult(False, errors=[f"{cls.label} is not connected. Add an integration with it first."])
    return _combined(results)


def _find(provider: str) -> type[Connector] | None:
    try:
        return registry.get(provider.strip().lower().replace("-", "_"))
    except ConfigError:
        return None


def _unknown(provider: str) -> str:
    known = ", ".join(key.replace("_", "-") for key in sorted(registry.keys()))
    return f"Sync not implemented for integration: {provider}. There are: {known}."


def _refused(cls: type[Connector], options: SyncOptions) -> str:
    """Why the provider cannot do what is asked, "" if it can."""
    if options.direction == "pull" and not issubclass(cls, Pulls):
        return f"{cls.label} cannot be read, only written. Choose the direction push."
    if options.direction == "push" and not issubclass(cls, Pushes | Triggers):
        return f"{cls.label} cannot be written, only read. Choose the direction pull."
    return ""


def _types(cls: type[Connector]) -> tuple[str, ...]:
    """The kinds that a connector names; all of them where its configuration decides."""
    resources = cls.resources if isinstance(cls.resources, tuple | list) else ()
    keys = [resource.key for resource in resources]
    kinds = [one.data_type.lower() for one in catalog.all_types() if not keys or one.key in keys]
    return tuple(dict.fromkeys(kinds))


def _dispatch(cls: type[Connector], integration: Integration, options: SyncOptions) -> SyncResult:
    if not issubclass(cls, Pulls | Pushes):
        return _triggered(integration, options)
    asked = runs.Options(
        direction=options.direction, items=tuple(options.item_ids), dry_run=options.dry_run, cause="dispatch"
    )
    return _told(runs.execute(integration, asked))


def _told(result: runs.Result) -> SyncResult:
    errors = [*([result.error] if result.error else []), *dict.fromkeys(result.failures), *result.approvals]
    details: dict[str, Any] = {"run": str(result.run.pk), **result.counters}
    if result.run.options.get("dryRun"):
        details = {"plan": str(result.run.pk), "planned": result.run.progress.get("planned", 0)}
    synced = sum(result.counters[name] for name in MOVED)
    failed = result.counters["failed"]
    if failed and not errors:
        errors = [f"{failed} record(s) could not be synced; the log of run {result.run.pk} says why."]
    return SyncResult(not errors, synced, failed, errors, {result.run.integration.name: details})  # type: ignore[union-attr]


def _triggered(integration: Integration, options: SyncOptions) -> SyncResult:
    """Workflow tools have no records: a sync tells them that one was asked for."""
    if options.dry_run:
        return SyncResult(True, details={integration.name: {"planned": 1}})
    payload = {"organizationId": str(options.organization_id), "itemIds": list(options.item_ids)}
    try:
        connector = connect(integration, clock=ports().clock)
        assert isinstance(connector, Triggers)
        connector.trigger("sync.requested", payload, key=ports().ids.new())
    except ConnectorError as error:
        return SyncResult(False, failed=1, errors=[runs.sentence_for(error)])
    return SyncResult(True, synced=1, details={integration.name: {"webhookTriggered": True}})


def _combined(results: list[SyncResult]) -> SyncResult:
    return SyncResult(
        success=all(one.success for one in results),
        synced=sum(one.synced for one in results),
        failed=sum(one.failed for one in results),
        errors=[sentence for one in results for sentence in one.errors],
        details={name: value for one in results for name, value in one.details.items()},
    )
