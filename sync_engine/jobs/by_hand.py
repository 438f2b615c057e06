"""R0's sync service: one job to its board, one item to its job, now, because a person asked. The work is the engine's;
here it is chosen, and its outcome is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from connectors.base.errors import ConfigError, ConnectorError
from integrations.connect import connect
from integrations.enums import IntegrationStatus, MappingStatus, SyncDirection
from integrations.mapping.errors import MappingError
from integrations.models import Integration, IntegrationMapping, ParkedRecord, SyncCursor
from jobs_boards.connector import CREATE_JOB, BoardsConnector
from jobs_boards.models import Board, Item, Job
from records import catalog
from sync_engine import build, queues, scope
from sync_engine.jobs import boards
from sync_engine.ports import ports
from sync_engine.running import runs
from sync_engine.shape import Shape
from sync_engine.webhooks import hearing

PATIENCE = 10.0
"""Seconds to wait for a run that is under way."""
VALUES = "column_values."
Action = Literal["created", "updated", "unchanged", "conflict"]


class CannotSync(Exception):
    """`code` for programs; the sentence says what is missing and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Synced:
    """What came of it. `conflict` = both sides had changed the same field, and a person decides."""

    action: Action
    job: Job
    item: Item
    integration: Integration


def job_to_board(job: Job, who: str, integration: Integration | None = None) -> Synced:
    """Makes the item or brings it up to date, on the given board, else on the one the job is on, else on the first that
    it belongs to. Raises `CannotSync`."""
    chosen = integration or _integration_for(job)
    _ready(chosen, SyncDirection.EXTERNAL_TO_LOCAL)
    before = _link(chosen, internal_id=job.pk)
    if before is None and str(job.pk) not in scope.inside(chosen, catalog.get(boards.KIND), [str(job.pk)]):
        raise CannotSync("not_for_this_board", f"'{chosen.name}' takes other jobs: see its setting scope.")
    # Somebody asks for it by name: that the two were parted once does not count any more.
    _closed(chosen).filter(internal_id=job.pk).delete()
    version = _item(before).updated_at if before else None
    asked = runs.Options("push", (boards.KIND,), (str(job.pk),), patience=PATIENCE, cause=f"asked by {who}")
    result = runs.execute(chosen, asked)
    if result.error or result.failures:
        raise CannotSync("sync_failed", result.error or " ".join(dict.fromkeys(result.failures)))
    after = _link(chosen, internal_id=job.pk)
    if after is None:
        raise CannotSync("rejected", _reason(chosen, "LOCAL", str(job.pk)))
    return _told(after, "created" if before is None else "updated" if _item(after).updated_at != version else None)


def item_to_job(item: Item, who: str) -> Synced:
    """Brings the job up to date with its item. Raises `CannotSync`."""
    before = boards.link_of_item(item)
    chosen = before.integration if before else integration_of_board(item.board)
    shape = _ready(chosen, SyncDirection.LOCAL_TO_EXTERNAL)
    if before is None:
        _joinable(chosen, item)
        _closed(chosen).filter(external_id=str(item.pk)).delete()
    version = Job.all_objects.get(pk=before.internal_id).updated_at if before else None
    if not SyncCursor.objects.filter(integration=chosen, resource_type=boards.KIND, complete=True).exists():
        runs.execute(chosen, runs.Options(patience=PATIENCE, cause=f"asked by {who}"))
    queues.enqueue_rereads(shape, [str(item.pk)], "hand", ports().clock.now())
    if not hearing.hear(str(chosen.pk), patience=PATIENCE):
        raise CannotSync("busy", f"'{chosen.name}' is busy with another run. The item is queued and follows by itself.")
    after = boards.link_of_item(item)
    if after is None:
        raise CannotSync("rejected", _reason(chosen, "EXTERNAL", str(item.pk)))
    moved = Job.all_objects.get(pk=after.internal_id).updated_at != version
    return _told(after, "created" if before is None and not item.job_id else "updated" if moved else None)


def integration_of_board(board: Board) -> Integration:
    """The integration that keeps jobs on the board. Raises `CannotSync`."""
    for integration in boards.integrations_for(board.organization_id):
        try:
            if _connected(integration).board.pk == board.pk:
                return integration
        except ConnectorError:
            continue  # its own board is gone, so it is not this one
    raise CannotSync("board_not_connected", f"No integration keeps jobs on the board '{board.name}'. Connect it first.")


def _integration_for(job: Job) -> Integration:
    if found := boards.links_of_job(job):
        return found[0].integration
    offered = boards.integrations_for(job.organization_id)
    if not offered:
        raise CannotSync("no_board", "No board keeps jobs yet. Connect one under Boards.")
    kind = catalog.get(boards.KIND)
    return next((one for one in offered if str(job.pk) in scope.inside(one, kind, [str(job.pk)])), offered[0])


def _connected(integration: Integration) -> BoardsConnector:
    connector = connect(integration, clock=ports().clock)
    assert isinstance(connector, BoardsConnector)
    return connector


def _ready(integration: Integration, closed: SyncDirection) -> Shape:
    """The shape of jobs, once the integration, its board and the columns that it writes are there."""
    if integration.status in (IntegrationStatus.PAUSED, IntegrationStatus.DISABLED):
        sentence = f"'{integration.name}' is {integration.status.lower()}. Resume it to sync."
        raise CannotSync("not_active", sentence)
    if integration.sync_direction == closed:
        sentence = f"'{integration.name}' syncs in one direction only: {integration.get_sync_direction_display()}."
        raise CannotSync("one_way", sentence)
    try:
        connector = _connected(integration)
        keys = {spec.key for spec in connector.specs}
        (shape,) = build.shapes(integration, connector, resource_types=(boards.KIND,))
    except ConfigError as error:
        raise CannotSync(error.provider_code or "config", error.message) from error
    if missing := sorted(_mapped(shape) - keys):
        sentence = (
            f"The board '{connector.board.name}' has no column {', '.join(missing)}. Add it, or change the mapping."
        )
        raise CannotSync("column_missing", sentence)
    return shape


def columns_in_step(board: Board) -> set[str]:
    """Keys of the columns that a sync of jobs reads or writes: without one of them it would stop. None where there is
    no sync, or its mapping cannot be used as it is."""
    try:
        integration = integration_of_board(board)
        shapes = build.shapes(integration, _connected(integration), resource_types=(boards.KIND,))
    except (CannotSync, ConfigError, MappingError):
        return set()
    return {key for shape in shapes for key in _mapped(shape)}


def _mapped(shape: Shape) -> set[str]:
    paths = {path for rule in shape.mapping.rules for path in rule.paths}
    return {path.removeprefix(VALUES) for path in paths if path.startswith(VALUES)}


def _joinable(integration: Integration, item: Item) -> None:
    if item.job_id is None and integration.settings.get("unlinked_items") != CREATE_JOB:
        raise CannotSync("no_job", "This item names no job in its link column. Choose the job there first.")
    if item.job_id and not Job.objects.filter(organization=item.organization_id, pk=item.job_id).exists():
        raise CannotSync("job_missing", f"The job {item.job_id} that this item names is not there any more.")


def _told(link: IntegrationMapping, action: Action | None) -> Synced:
    if link.sync_status == MappingStatus.ERROR:
        raise CannotSync("rejected", link.reason)
    if link.sync_status == MappingStatus.CONFLICT:
        action = "conflict"
    return Synced(action or "unchanged", Job.all_objects.get(pk=link.internal_id), _item(link), link.integration)


def _item(link: IntegrationMapping) -> Item:
    found: Item = Item.all_objects.select_related("board").get(pk=link.external_id)
    return found


def _link(integration: Integration, **ends: object) -> IntegrationMapping | None:
    found = IntegrationMapping.objects.filter(integration=integration, resource_type=boards.KIND, **ends)
    return found.exclude(sync_status=MappingStatus.DELETED).select_related("integration").first()


def _closed(integration: Integration) -> QuerySet[IntegrationMapping]:
    return IntegrationMapping.objects.filter(
        integration=integration, resource_type=boards.KIND, sync_status=MappingStatus.DELETED
    )


def _reason(integration: Integration, side: str, record_id: str) -> str:
    parked = ParkedRecord.objects.filter(
        integration=integration, resource_type=boards.KIND, side=side, record_id=record_id
    ).first()
    return parked.reason if parked else "It was not taken, and no reason was given. See the log of the integration."
