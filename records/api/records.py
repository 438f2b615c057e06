"""Reading and writing of every catalogued type, through the one door `records.services`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from records import catalog, services
from records.api.filters import filterset_of
from records.api.serializers import RecordSerializer, serializer_of
from records.api.views import Door
from records.catalog import SyncType


class RecordDoor(Door):
    """Knows the records of one type and one organization, deleted ones too."""

    sync_type: ClassVar[SyncType]
    results_key = "records"

    def get_queryset(self) -> Any:
        found = self.sync_type.model.all_objects
        return found.none() if self.drawing else found.filter(organization=self.organization).order_by("-id")

    def record(self, record_id: Any) -> Any:
        """Raises 404."""
        found = self.get_queryset().filter(pk=record_id).first()
        if found is None:
            raise NotFound(f"There is no {self.sync_type.label.lower()} {record_id}.")
        return found

    def given(self, request: Request, *, partial: bool) -> dict[str, Any]:
        """The values of the body, plain. Raises 400."""
        body: RecordSerializer = self.get_serializer(data=request.data, partial=partial)
        body.is_valid(raise_exception=True)
        unknown = sorted(set(request.data) - set(body.fields))
        if unknown:
            known = ", ".join(self.sync_type.field_names)
            raise ValidationError({name: [f"There is no such field. Known: {known}."] for name in unknown})
        return body.plain

    def shown(self, record: Any, status: int = 200) -> Response:
        return Response(self.get_serializer(record).data, status=status)


class Records(RecordDoor):
    """All records of a type."""

    def get(self, request: Request) -> Response:
        """The newest first, in pages; deleted ones only with `deleted=true`."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def post(self, request: Request) -> Response:
        """Makes a record. It goes out to every integration that maps its type."""
        values = self.given(request, partial=False)
        with refusals(self.sync_type):
            made = services.create(self.sync_type, str(self.organization.pk), values, self.origin)
        return self.shown(made, 201)


class Record(RecordDoor):
    """One record."""

    def get(self, request: Request, record_id: str) -> Response:
        """The record, even if it is deleted (`deletedAt`)."""
        return self.shown(self.record(record_id))

    def patch(self, request: Request, record_id: str) -> Response:
        """Changes what is given and leaves the rest."""
        values = self.given(request, partial=True)
        if self.record(record_id).deleted_at is not None:
            raise NotFound("This record is deleted. Restore it to change it.")
        with refusals(self.sync_type):
            changed = services.update(self.sync_type, str(self.organization.pk), str(record_id), values, self.origin)
        return self.shown(changed)

    def delete(self, request: Request, record_id: str) -> Response:
        """Deletes it softly; how the integrations follow is said by their delete policy."""
        if not services.delete(self.sync_type, str(self.organization.pk), str(record_id), self.origin):
            self.record(record_id)
        return Response(status=204)


class Restore(RecordDoor):
    """The way back from a deletion."""

    def post(self, request: Request, record_id: str) -> Response:
        """Restores a deleted record; a living one stays as it is."""
        services.restore(self.sync_type, str(self.organization.pk), str(record_id), self.origin)
        return self.shown(self.record(record_id))


@contextmanager
def refusals(sync_type: SyncType) -> Iterator[None]:
    """Sentences of the validation, each at its field."""
    try:
        yield
    except services.InvalidValues as error:
        raise ValidationError(_by_field(sync_type, error.errors)) from error
    except services.RecordNotFound as error:
        raise NotFound(str(error)) from error


def _by_field(sync_type: SyncType, sentences: list[str]) -> dict[str, list[str]]:
    """A sentence of the validation begins with its field's name."""
    found: dict[str, list[str]] = {}
    for sentence in sentences:
        first = sentence.split(" ", 1)[0].strip("':")
        found.setdefault(first if sync_type.has_field(first) else "non_field_errors", []).append(sentence)
    return found


def addresses() -> list[URLPattern]:
    """`records/{type}`, `records/{type}/{id}` and `.../restore` of every type that is catalogued by now."""
    return [address for sync_type in catalog.all_types() for address in _of_type(sync_type)]


def addresses_of(
    sync_type: SyncType, base: str, *, tag: str = "records", doors: tuple[type[RecordDoor], ...] = ()
) -> Iterator[URLPattern]:
    """The addresses of one type under `base`; `doors` are views of its own for all, one and restore."""
    many, one, back = doors or (Records, Record, Restore)
    made = {"sync_type": sync_type, "serializer_class": serializer_of(sync_type), "tag": tag}
    yield path(base, _documented(many, **made, filterset_class=filterset_of(sync_type)))
    yield path(f"{base}/<uuid:record_id>", _documented(one, **made))
    yield path(f"{base}/<uuid:record_id>/restore", _documented(back, **made))


def _of_type(sync_type: SyncType) -> Iterator[URLPattern]:
    yield from addresses_of(sync_type, f"records/{sync_type.key}")


NAMES = {"get": "retrieve", "post": "create", "patch": "update", "delete": "delete"}


def _documented(base: type[RecordDoor], **members: Any) -> Any:
    """The view of one type, with operations that say which type they are about."""
    sync_type: SyncType = members["sync_type"]
    tag = members.pop("tag")
    prefix = sync_type.key if tag == "records" else f"{tag}_{sync_type.key}"
    view: Any = type(
        f"{sync_type.model.__name__}{base.__name__}", (base,), {**members, "__doc__": f"{sync_type.label}."}
    )
    shape = members["serializer_class"]
    for method, name in NAMES.items():
        if hasattr(base, method):
            name = "list" if issubclass(base, Records) and method == "get" else name
            name = "restore" if issubclass(base, Restore) else name
            answer: Any = shape(many=True) if name == "list" else {201: shape} if name == "create" else shape
            document = {"responses": None if name == "delete" else answer}
            if name == "restore":
                document["request"] = None
            named = extend_schema(operation_id=f"{prefix}_{name}", tags=[tag], **document)
            setattr(view, method, named(_copied(getattr(base, method))))
    return view.as_view()


def _copied(method: Any) -> Any:
    """A function of its own: `extend_schema` notes what it says on the function."""

    @wraps(method)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self, *args, **kwargs)

    return called
