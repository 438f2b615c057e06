"""Jobs and their items, as R0's sync service: which board keeps a job, and one record synced now, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from integrations.enums import AuthenticationType, IntegrationStatus, MappingStatus
from integrations.models import Integration, IntegrationMapping
from integrations.services import create_integration
from jobs_boards.models import Board, Item, Job
from records.models import Organization

KEY, KIND = "BOARDS", "job"


def connect_board(
    board: Board, *, name: str = "", settings: Mapping[str, Any] | None = None, **fields: Any
) -> Integration:
    """An integration that keeps jobs on the board. Raises `DuplicateName`."""
    return create_integration(
        board.organization,
        name=name or f"Jobs on {board.name}",
        type=KEY,
        auth_type=AuthenticationType.NONE,
        credentials={},
        data_types=["JOBS"],
        settings={"board": str(board.pk), **(settings or {})},
        **fields,
    )


def integrations_for(organization: Organization | UUID) -> list[Integration]:
    """Those that keep jobs on a board and are not switched off, the oldest first."""
    found = Integration.objects.filter(organization=organization, type=KEY)
    return list(found.exclude(status=IntegrationStatus.DISABLED).order_by("created_at", "id"))


def links_of_job(job: Job) -> list[IntegrationMapping]:
    """The job's live links to items, the oldest first."""
    return _live(job.organization_id, internal_id=job.pk)


def link_of_item(item: Item) -> IntegrationMapping | None:
    """The item's live link to a job."""
    return next(iter(_live(item.organization_id, external_id=str(item.pk))), None)


def items_of(job: Job) -> list[Item]:
    """The items that a sync keeps in step with the job, else those that name it in their link column."""
    ids = [link.external_id for link in links_of_job(job)]
    mine = Item.objects.filter(organization=job.organization_id)
    found = {str(item.pk): item for item in mine.filter(pk__in=ids).select_related("board")}
    if found:
        return [found[pk] for pk in ids if pk in found]
    return list(mine.filter(job_id=job.pk).select_related("board").order_by("id"))


def job_of(item: Item) -> Job | None:
    """The job that the item is kept in step with, else the one that it names."""
    link = link_of_item(item)
    pk = link.internal_id if link is not None else item.job_id
    found: Job | None = Job.objects.filter(organization=item.organization_id, pk=pk).first() if pk else None
    return found


def _live(organization: UUID, **ends: Any) -> list[IntegrationMapping]:
    links = IntegrationMapping.objects.filter(
        integration__organization=organization, integration__type=KEY, resource_type=KIND, **ends
    )
    return list(links.exclude(sync_status=MappingStatus.DELETED).select_related("integration").order_by("id"))
