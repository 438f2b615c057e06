"""The base of every model that can sync."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from records import changes, outbox
from records.ids import new_uuid

from .organization import Organization


class SyncedQuerySet(models.QuerySet[Any]):
    """`delete()` is soft and announced, as on an instance."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db):
            records = list(self)
            for record in records:
                record.delete()
        return len(records), {self.model._meta.label: len(records)}

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class AliveManager(models.Manager.from_queryset(SyncedQuerySet)):  # type: ignore[misc]
    """Records that are not deleted."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(deleted_at__isnull=True)


class AllManager(models.Manager.from_queryset(SyncedQuerySet)):  # type: ignore[misc]
    """Records, deleted ones too."""


class SyncedRecord(models.Model):
    """A record of an organization. A save writes only what changed since it was loaded, so that it never
    takes back what someone else wrote meanwhile, and puts the change into the outbox in the same
    transaction. `delete()` sets `deleted_at`; `restore()` clears it.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    external_sync_enabled = models.BooleanField(default=True)
    last_external_sync_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AliveManager()
    all_objects = AllManager()

    _loaded: dict[str, Any]

    class Meta:
        abstract = True
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(fields=("organization", "updated_at", "id"), name="%(class)s_keyset"),
        )

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
        now: datetime | None = None,
    ) -> None:
        creating = self._state.adding
        if not creating:
            update_fields = changes.columns_to_write(self, update_fields, now)
            if not update_fields:
                return
        with transaction.atomic(using=using, savepoint=False):
            super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)
            outbox.record_save(self, creating)
        self._loaded = changes.state(self)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        instance = super().from_db(db, field_names, values, **options)
        instance._loaded = changes.state(instance)
        return instance

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        names = None if fields is None else list(fields)
        super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)
        fresh = changes.state(self, names)
        self._loaded = fresh if names is None else {**self._loaded, **fresh}

    def mark_synced(self, now: datetime) -> None:
        """Notes that an integration writes this record; kept by the save that follows."""
        self.last_external_sync_at = now

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        if self.deleted_at is not None:
            return 0, {}
        self.deleted_at = timezone.now()
        self.save(using=using, update_fields=("deleted_at",))
        return 1, {self._meta.label: 1}

    def restore(self) -> None:
        """Undoes `delete()`."""
        self.deleted_at = None
        self.save(update_fields=("deleted_at",))
