"""Boards: jobs as items of one board, two-way. The external system is this very house, so that loops, conflicts, logs
and previews of jobs and items are the engine's, as for every other tool. See README.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from connectors.base.capabilities import Change, Pulls, Pushes
from connectors.base.connector import Connector
from connectors.base.errors import ConfigError, ConnectorError, NotFound, Rejected, Stale
from connectors.base.records import Account, ExternalRecord, Page
from connectors.base.registry import register
from connectors.base.resource import Resource
from records import catalog
from records.origins import Origin
from records.services import InvalidValues, RecordNotFound, delete
from records.values import plain_datetime

from . import selectors, services
from .columns import Spec
from .models import Board, BoardGroup, Item

CREATE_JOB = "create_job"
T = TypeVar("T")


@register
class BoardsConnector(Pulls, Pushes, Connector):
    """Items of one board. The link column names the job (R0); an item without it is left alone, or becomes a job."""

    key = "boards"
    label = "Boards"
    description = "Jobs as items of a board, two-way: title, status, people, dates and any other column."
    threads = False
    defaults: ClassVar[Mapping[str, Any]] = {"sync_frequency": "REALTIME", "on_external_delete": "UNLINK"}
    resources: Sequence[Resource] = (
        Resource(
            "job",
            "items",
            updated_at="updated_at",
            updated_since="updated_since",
            way_back="client_id",
            delete_kind="archive",
            page_size=500,
        ),
    )
    settings_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "board": {
                "type": "string",
                "title": "Board",
                "description": "Its name or id.",
                "default": selectors.ACTIVE_JOBS,
            },
            "group": {
                "type": "string",
                "title": "Group for new items",
                "description": "Empty: the board's first group.",
            },
            "unlinked_items": {
                "type": "string",
                "title": "Items without a job",
                "enum": ["ignore", CREATE_JOB],
                "default": "ignore",
            },
            "scope": {
                "type": "object",
                "title": "Which jobs go to this board",
                "description": 'Allowed values of fields, {"job": {"status": ["In Production"]}}. Empty: all jobs.',
            },
        },
    }
    batch_size = 500

    def test(self) -> Account:
        """Finds the board. Before one is chosen, it is enough that there are some to choose from."""
        if not self.context.settings.get("board") and not self._board_named(selectors.ACTIVE_JOBS):
            if not (boards := self.choices("board")):
                raise ConfigError("There is no board yet. Set one up under Boards.", provider_code="board_missing")
            return Account(id=self.context.organization_id, name=", ".join(name for _, name in boards[:3]))
        return Account(id=str(self.board.pk), name=self.board.name)

    def choices(self, setting: str) -> list[tuple[str, str]] | None:
        if setting == "board":
            found = Board.objects.filter(organization=self.context.organization_id).order_by("name")
            return [(str(pk), name) for pk, name in found.values_list("pk", "name")]
        if setting == "group" and self.context.settings.get("board"):
            groups = BoardGroup.objects.filter(board=self.board).order_by("position", "id")
            return [(name, name) for name in groups.values_list("name", flat=True)]
        return [] if setting == "group" else None

    def place(self, resource: Resource) -> str:
        return str(self.board.pk)

    def _board_named(self, wanted: str) -> Board | None:
        return selectors.board_named(UUID(self.context.organization_id), wanted)

    @cached_property
    def board(self) -> Board:
        """Raises `ConfigError` where the organization has no such board."""
        wanted = str(self.context.settings.get("board") or selectors.ACTIVE_JOBS)
        found = self._board_named(wanted)
        if found is None:
            raise ConfigError(
                f"There is no board '{wanted}'. Make it under Boards, or choose another in the settings.",
                provider_code="board_missing",
            )
        return found

    @cached_property
    def specs(self) -> list[Spec]:
        """The board's columns. Raises `ConfigError` where none can hold the job."""
        found = selectors.columns_of(self.board.pk)
        if not any(spec.kind == "link" and spec.main for spec in found):
            raise ConfigError(
                f"The board '{self.board.name}' has no main link column to hold the job. Add one.",
                provider_code="column_missing",
            )
        return found

    # Reading

    def pages(
        self, resource: Resource, *, since: datetime | None = None, continuation: Any = None, ids_only: bool = False
    ) -> Iterator[Page]:
        """By id, or by time of change since then, with tombstones. Each page is a query of its own."""
        place = "updated_at" if since is not None else "id"
        rows = self._listed(since)
        while True:
            read_at = self.context.clock.now()
            found = list(
                _after(rows, place, continuation).order_by(*dict.fromkeys((place, "id")))[: resource.page_size]
            )
            more = len(found) == resource.page_size
            continuation = [_stamp(getattr(found[-1], place)), str(found[-1].pk)] if more else None
            yield Page([self._record(item) for item in found], continuation, read_at)
            if not more:
                return

    def fetch(self, resource: Resource, external_id: str) -> ExternalRecord:
        found = self.fetch_many(resource, [external_id])[external_id]
        if found is None:
            raise NotFound(f"There is no item {external_id}.")
        return found

    def fetch_many(self, resource: Resource, external_ids: Sequence[str]) -> dict[str, ExternalRecord | None]:
        """Wherever they stand: an item that moved to another board is still the same item."""
        ids = [one for one in external_ids if _is_id(one)]
        found = {str(item.pk): item for item in self._items().filter(pk__in=ids, deleted_at__isnull=True)}
        return {one: self._record(found[one]) if one in found else None for one in external_ids}

    def names(self, resource: Resource, record: ExternalRecord) -> str | None:
        named = record.fields["job"] if record.fields["board"] == str(self.board.pk) else None
        return str(named) if named else None

    def is_wanted(self, resource: Resource, record: ExternalRecord) -> bool:
        here = record.fields["board"] == str(self.board.pk)
        return here and bool(record.fields["job"] or self._makes_jobs)

    # Writing

    def create(self, resource: Resource, fields: Mapping[str, Any], *, key: str) -> ExternalRecord:
        """`key` is the item's id, so a create that is repeated finds itself."""
        with transaction.atomic():
            self._learn(fields)
            made = self._written(
                lambda: services.create_item(
                    self.board,
                    str(fields.get("name") or ""),
                    fields.get("column_values") or {},
                    self.origin,
                    group_id=self._group,
                    item_id=key,
                    now=self.context.clock.now(),
                )
            )
        return self._record(made)

    def create_many(
        self, resource: Resource, news: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> list[ExternalRecord | ConnectorError]:
        """Together; one by one where one of them is refused, so that each hears its own reason."""
        now = self.context.clock.now()
        rows = [(key, str(fields.get("name") or ""), fields.get("column_values") or {}) for key, fields in news]
        try:
            with transaction.atomic():
                for _, fields in news:
                    self._learn(fields)
                services.create_items(self.board, self.specs, rows, self.origin, group_id=self._group, now=now)
        except (InvalidValues, KeyError):
            return super().create_many(resource, news)
        found = self.fetch_many(resource, [key for key, _ in news])
        return [found[key] or NotFound(f"The item {key} was deleted at once.") for key, _ in news]

    create_size = 500

    def update(
        self, resource: Resource, external_id: str, fields: Mapping[str, Any], *, current: ExternalRecord
    ) -> ExternalRecord:
        """Raises `Stale` where somebody wrote the item since it was read."""
        with transaction.atomic():
            held = self._items().select_for_update().filter(pk=external_id, deleted_at__isnull=True).first()
            if held is None:
                raise NotFound(f"There is no item {external_id}.")
            if _stamp(held.updated_at) != current.version:
                raise Stale(f"The item '{held.name}' was changed meanwhile.")
            self._learn(fields, held.board_id)
            written = self._written(
                lambda: services.update_item(
                    self.context.organization_id,
                    external_id,
                    fields.get("column_values") or {},
                    self.origin,
                    name=fields.get("name"),
                    now=self.context.clock.now(),
                ),
                here=held.board_id == self.board.pk,
            )
        return self._record(written)

    def update_many(self, resource: Resource, changes: Sequence[Change]) -> list[ExternalRecord | ConnectorError]:
        """Together; one by one where one of them was changed meanwhile, stands on another board or is refused."""
        ids = sorted(external_id for external_id, _, _ in changes)
        try:
            with transaction.atomic():
                locked = self._items().select_for_update().filter(pk__in=ids).order_by("pk")
                held = {str(item.pk): item for item in locked}
                if not all(self._as_read(held.get(pk), current) for pk, _, current in changes):
                    return super().update_many(resource, changes)
                for _, fields, _ in changes:
                    self._learn(fields)
                rows = [(held[pk], fields.get("name"), fields.get("column_values") or {}) for pk, fields, _ in changes]
                services.update_items(
                    self.context.organization_id, self.specs, rows, self.origin, now=self.context.clock.now()
                )
        except (InvalidValues, KeyError):
            return super().update_many(resource, changes)
        found = self.fetch_many(resource, ids)
        return [found[pk] or NotFound(f"There is no item {pk}.") for pk, _, _ in changes]

    update_size = 500

    def _as_read(self, held: Item | None, current: ExternalRecord) -> bool:
        """Is it on our board, and is it what was read?"""
        if held is None or held.deleted_at is not None or held.board_id != self.board.pk:
            return False
        return _stamp(held.updated_at) == current.version

    def delete(self, resource: Resource, external_id: str, *, current: ExternalRecord | None = None) -> None:
        delete(
            catalog.get("item"), self.context.organization_id, external_id, self.origin, now=self.context.clock.now()
        )

    def find_created(
        self, resource: Resource, fields: Mapping[str, Any], *, key: str, after: datetime
    ) -> list[ExternalRecord]:
        found = self.fetch_many(resource, [key])[key]
        return [] if found is None else [found]

    @property
    def origin(self) -> Origin:
        return Origin("integration", self.context.integration_id, self.label)

    @property
    def _makes_jobs(self) -> bool:
        return self.context.settings.get("unlinked_items") == CREATE_JOB

    @cached_property
    def _group(self) -> UUID | None:
        """Where new items go. Raises `ConfigError` for a group that the board does not have."""
        groups = BoardGroup.objects.filter(board=self.board).order_by("position", "id")
        if name := self.context.settings.get("group"):
            found = groups.filter(name__iexact=name).first()
            if found is None:
                raise ConfigError(
                    f"The board '{self.board.name}' has no group '{name}'.", provider_code="group_missing"
                )
            return found.pk
        return groups.values_list("pk", flat=True).first()

    def _items(self) -> QuerySet[Item]:
        found: QuerySet[Item] = Item.all_objects.filter(organization=self.context.organization_id)
        return found

    def _listed(self, since: datetime | None) -> QuerySet[Item]:
        assert self.specs
        rows = self._items().filter(board=self.board)
        if not self._makes_jobs:
            rows = rows.filter(job_id__isnull=False)
        return rows.filter(deleted_at__isnull=True) if since is None else rows.filter(updated_at__gte=since)

    def _learn(self, fields: Mapping[str, Any], board_id: UUID | None = None) -> None:
        """A status that the column does not know yet becomes a label of it: people name states with the jobs."""
        values = fields.get("column_values") or {}
        for spec in self.specs:
            label = values.get(spec.key) if spec.kind == "status" else None
            if label and not any(one["name"].lower() == str(label).lower() for one in spec.labels):
                services.add_label(board_id or self.board.pk, spec.key, str(label), self.origin)
                del self.specs

    def _written(self, write: Callable[[], T], here: bool = True) -> T:
        """What is refused, in the words of connectors. `here` = on our own board, whose columns concern every item."""
        try:
            return write()
        except InvalidValues as problem:
            raise Rejected(str(problem)) from problem
        except RecordNotFound as problem:
            raise NotFound(str(problem)) from problem
        except KeyError as problem:
            sentence = f"{problem.args[0]} Add the column, or change the mapping."
            raise (ConfigError if here else Rejected)(sentence, provider_code="column_missing") from problem

    def _record(self, item: Item) -> ExternalRecord:
        specs = self.specs if item.board_id == self.board.pk else selectors.columns_of(item.board_id)
        fields = {
            "id": str(item.pk),
            "board": str(item.board_id),
            "name": item.name,
            "job": str(item.job_id) if item.job_id else None,
            "column_values": selectors.values_of(item, specs),
            "created_at": plain_datetime(item.created_at),
            "updated_at": plain_datetime(item.updated_at),
        }
        return ExternalRecord(
            str(item.pk), fields, item.updated_at, _stamp(item.updated_at), item.deleted_at is not None
        )


def _after(rows: QuerySet[Item], place: str, continuation: Any) -> QuerySet[Item]:
    if not continuation:
        return rows
    value, pk = continuation
    if place == "id":
        return rows.filter(pk__gt=pk)
    return rows.filter(Q(updated_at__gt=value) | Q(updated_at=value, pk__gt=pk))


def _stamp(value: Any) -> str:
    return plain_datetime(value) if isinstance(value, datetime) else str(value)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
