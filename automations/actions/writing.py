"""Writing records here: fields of the record that the rule is about, or a new record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_noop

from automations import templates
from automations.actions.base import Action, Doing, Done, Parameter
from automations.actions.checking import About
from automations.errors import Problem, Refused
from records import catalog, services
from records.catalog import SyncType
from records.coercion import coerced
from records.models.synced_record import SyncedRecord
from records.validation import missing_required


def filled(sync_type: SyncType, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values by canonical name. Raises `Refused` where a text does not fit its field."""
    found: dict[str, Any] = {}
    for name, template in given.items():
        if not sync_type.has_field(name):
            raise Refused(f"{sync_type.label} has no field '{name}' any more. Change the rule.")
        field = sync_type.field(name)
        try:
            found[field.name] = coerced(field, templates.value(template, known))
        except ValueError as error:
            raise Refused(str(error)) from error
    return found


def told(values: Mapping[str, Any]) -> str:
    """`status to COMPLETED, project to empty`"""
    return ", ".join(
        f"{name} to {'empty' if value is None else templates.readable(value)}" for name, value in values.items()
    )


VALUES_HELP = gettext_noop("One field a line, such as: status = COMPLETED. {field} puts in a value of the record.")


class SetFields(Action):
    """Changes the record that the rule is about."""

    type = "set_fields"
    label = gettext_noop("Set fields of the record")
    parameters = (Parameter("values", gettext_noop("Fields"), "values", required=True, help=VALUES_HELP),)

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        yield from super().check(given, about)
        if about.sync_type is None:
            yield Problem(f"{about.path}.type", "This rule is about no record, so there are no fields to set.")
        elif isinstance(given.get("values"), Mapping):
            yield from about.values(about.sync_type, given["values"], f"{about.path}.values")

    def plan(self, doing: Doing) -> str:
        _, values = self._changes(doing)
        return f"Set {told(values)}" if values else "Nothing to set: the fields hold these values already"

    def perform(self, doing: Doing) -> Done:
        sync_type, values = self._changes(doing)
        if not values:
            return Done("Nothing to set: the fields hold these values already.")
        try:
            services.update(
                sync_type, str(doing.organization.pk), doing.news.record_id, values, doing.origin, now=doing.now
            )
        except services.InvalidValues as error:
            raise Refused(str(error)) from error
        return Done(f"Set {told(values)}.")

    def _changes(self, doing: Doing) -> tuple[SyncType, dict[str, Any]]:
        """What differs from the record as it is now, so that a rule does not announce changes of nothing."""
        sync_type = catalog.get(doing.news.resource_type)
        record = living(sync_type, doing)
        wanted = filled(sync_type, doing.given["values"], doing.known)
        return sync_type, {name: value for name, value in wanted.items() if plain(sync_type, record, name) != value}


def living(sync_type: SyncType, doing: Doing) -> SyncedRecord:
    """The record that the rule is about. Raises `Refused` where it is deleted or gone."""
    found: SyncedRecord | None = sync_type.model.objects.filter(
        organization=doing.organization, pk=doing.news.record_id
    ).first()
    if found is None:
        raise Refused(f"The {sync_type.label.lower()} is deleted.")
    return found


def plain(sync_type: SyncType, record: SyncedRecord, name: str) -> Any:
    """A field's plain value."""
    from records.values import to_plain

    field = sync_type.field(name)
    return to_plain(field, getattr(record, sync_type.model_field(field).attname))


class CreateRecord(Action):
    """Makes a record of any type."""

    type = "create_record"
    label = gettext_noop("Create a record")
    parameters = (
        Parameter("resourceType", gettext_noop("Type"), "type", required=True),
        Parameter("values", gettext_noop("Fields"), "values", required=True, help=VALUES_HELP),
    )

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        found = list(super().check(given, about))
        yield from found
        if found:
            return
        sync_type, values = catalog.get(given["resourceType"]), given["values"]
        yield from about.values(sync_type, values, f"{about.path}.values")
        for sentence in missing_required(sync_type, tuple(values)):
            yield Problem(f"{about.path}.values", sentence)

    def plan(self, doing: Doing) -> str:
        sync_type = catalog.get(doing.given["resourceType"])
        return f"Create a {sync_type.label.lower()}: {told(filled(sync_type, doing.given['values'], doing.known))}"

    def perform(self, doing: Doing) -> Done:
        sync_type = catalog.get(doing.given["resourceType"])
        values = filled(sync_type, doing.given["values"], doing.known)
        given = {name: value for name, value in values.items() if value is not None}
        try:
            made = services.create(sync_type, str(doing.organization.pk), given, doing.origin, now=doing.now)
        except services.InvalidValues as error:
            raise Refused(str(error)) from error
        return Done(f"Created {sync_type.label.lower()} {made.pk}.")
