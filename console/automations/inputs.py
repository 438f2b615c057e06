"""The inputs of the rule's form: for each place its kind, its choices, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations.actions import ACTIONS
from automations.actions.base import Parameter
from automations.happenings import ALL, KINDS, fields_of
from automations.models import Hook
from automations.operators import OPERATORS, of_kind
from automations.sentences import WEEK
from automations.times import DAYS
from connectors.base import registry
from connectors.base.capabilities import Notifies
from connectors.base.errors import ConfigError
from console.automations.draft import ActionRow, Draft, Row
from integrations.models import Integration
from jobs_boards.models import Board
from jobs_boards.selectors import ACTIVE_JOBS
from records import catalog
from records.catalog import SyncField
from records.models import Organization

Choices = Sequence[tuple[str, Any]]
Errors = Mapping[str, Sequence[str]]
YES_NO: Choices = (("", ""), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))


@dataclass(frozen=True)
class Input:
    """`kind`: select, text, date, number, area or check. `redraws` = the form looks different after a change of it."""

    name: str
    label: Any
    kind: str = "text"
    value: Any = ""
    choices: Choices = ()
    help: Any = ""
    errors: Sequence[str] = ()
    redraws: bool = False
    required: bool = False


@dataclass(frozen=True)
class RowInputs:
    """A condition or an action: its inputs, the number it is removed by, and what is wrong with it as a whole."""

    number: int
    inputs: Sequence[Input]
    errors: Sequence[str] = ()
    joined: str = ""
    fields: Sequence[str] = field(default_factory=tuple)


def trigger_inputs(draft: Draft, organization: Organization, errors: Errors) -> Iterator[Input]:
    """What the rule waits for."""

    def given(name: str, label: Any, kind: str = "text", choices: Choices = (), **more: Any) -> Input:
        path = f"trigger.{name}"
        return Input(
            f"trigger-{name}", label, kind, draft.trigger.get(name, ""), choices, errors=errors.get(path, ()), **more
        )

    kinds = [(one.key, _(one.label)) for one in ALL]
    yield given("type", _("When"), "select", kinds, redraws=True, required=True)
    types = [(one.key, one.label) for one in catalog.all_types()]
    if draft.about == "record":
        yield given("resourceType", _("Type"), "select", types, redraws=True, required=True)
        if draft.kind == "field.changed":
            yield from _change_inputs(draft, given)
    elif draft.about == "integration":
        mine = [("", _("Any")), *_integrations(organization)]
        yield given("integration", _("Integration"), "select", mine)
    else:
        yield from _time_inputs(given)
        help_text = _("Leave empty to fire once; choose a type to look at each of its records.")
        yield given(
            "resourceType", _("For each"), "select", [("", _("Just once")), *types], redraws=True, help=help_text
        )


def _change_inputs(draft: Draft, given: Any) -> Iterator[Input]:
    key = str(draft.trigger.get("resourceType") or "")
    found = _fields("record.updated", key)
    names = [("", _("Choose a field")), *((one.name, one.name) for one in catalog.get(key).fields)] if found else []
    yield given("field", _("Field"), "select", names, redraws=True, required=True)
    chosen = found.get(str(draft.trigger.get("field") or ""))
    if chosen is not None:
        kind, choices = _value_input(chosen, "value")
        yield given("from", _("From"), kind, choices, help=_("Empty = from whatever."))
        yield given("to", _("To"), kind, choices, help=_("Empty = to whatever."))


def _time_inputs(given: Any) -> Iterator[Input]:
    yield given("everyMinutes", _("Every ... minutes"), "number", help=_("Either this, or a time of day."))
    yield given("at", _("At"), "time")
    yield given(
        "days", _("On"), "days", [(key, _(WEEK[at])) for at, key in enumerate(DAYS)], help=_("None = every day.")
    )
    yield given("timezone", _("Time zone"), help=_("Such as Europe/Madrid; UTC if it is left empty."))


def condition_rows(draft: Draft, errors: Errors) -> list[RowInputs]:
    """One for each condition; the operators fit the field, the value fits both."""
    found = _fields(draft.kind, str(draft.trigger.get("resourceType") or ""))
    return [_condition(at, row, found, errors) for at, row in enumerate(draft.rows)]


def _condition(at: int, row: Row, found: Mapping[str, SyncField], errors: Errors) -> RowInputs:
    def wrong(part: str) -> Sequence[str]:
        return [said for path, all_said in errors.items() if row.path and _within(path, f"{row.path}.{part}")
                for said in all_said]  # fmt: skip

    prefix = f"condition-{at}"
    names = [("", _("Choose a field")), *((name, name) for name in found)]
    inputs = [Input(f"{prefix}-field", _("Field"), "select", row.field, names, errors=wrong("field"), redraws=True)]
    chosen = found.get(row.field)
    if chosen is not None:
        asked = [(one.key, _(one.label)) for one in of_kind(chosen.kind.value)]
        if row.operator not in dict(asked):
            row.operator = asked[0][0]
        inputs.append(
            Input(
                f"{prefix}-operator",
                _("Question"),
                "select",
                row.operator,
                asked,
                errors=wrong("operator"),
                redraws=True,
            )
        )
        takes = OPERATORS[row.operator].takes
        if takes != "nothing":
            kind, choices = _value_input(chosen, takes)
            note = _("Several with commas between.") if takes == "list" else ""
            inputs.append(
                Input(f"{prefix}-value", _("Value"), kind, row.value, choices, help=note, errors=wrong("value"))
            )
    return RowInputs(at, inputs, joined=row.joined if at else "")


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}[")


def _value_input(chosen: SyncField, takes: str) -> tuple[str, Choices]:
    if takes == "days":
        return "number", ()
    kind = chosen.kind.value
    if takes == "value" and kind == "choice":
        return "select", [("", ""), *((one, one) for one in chosen.choices)]
    if takes == "value" and kind == "boolean":
        return "select", YES_NO
    return ("date" if takes == "value" and kind == "date" else "text"), ()


def action_rows(draft: Draft, organization: Organization, errors: Errors) -> list[RowInputs]:
    """One for each action, with the inputs of its kind. Rows without a type are not in the document."""
    rows, place = [], 0
    for at, row in enumerate(draft.actions):
        path = f"actions[{place}]" if row.type else ""
        rows.append(_action(at, row, organization, errors, path))
        place += bool(row.type)
    return rows


def _action(at: int, row: ActionRow, organization: Organization, errors: Errors, path: str) -> RowInputs:
    prefix = f"action-{at}"
    kinds = [("", _("Choose what to do")), *((key, _(action.label)) for key, action in ACTIONS.items())]
    own = errors.get(f"{path}.type", ()) if path else errors.get("actions", ())
    inputs = [Input(f"{prefix}-type", _("Do"), "select", row.type, kinds, errors=own, redraws=True, required=True)]
    inputs += [_parameter(prefix, row, one, organization, errors, path) for one in row.parameters]
    return RowInputs(at, inputs)


def _parameter(
    prefix: str, row: ActionRow, one: Parameter, organization: Organization, errors: Errors, path: str
) -> Input:
    place = f"{path}.{one.name}"
    wrong = [
        f"{where.removeprefix(place).lstrip('.')}: {said}" if where != place else said
        for where, all_said in errors.items()
        if where == place or where.startswith(f"{place}.")
        for said in all_said
    ]
    kind, choices = _PARAMETERS[one.kind], _choices(one, organization)
    value = row.given.get(one.name, "")
    return Input(
        f"{prefix}-{one.name}", _(one.label), kind, value, choices, _(one.help) if one.help else "", wrong,
        required=one.required,
    )  # fmt: skip


_PARAMETERS = {
    "template": "text",
    "long": "area",
    "values": "area",
    "integration": "select",
    "notifier": "select",
    "type": "select",
    "choice": "select",
    "hook": "select",
    "board": "select",
    "switch": "check",
}


def _choices(one: Parameter, organization: Organization) -> Choices:
    if one.kind == "integration":
        return [("", _("Choose an integration")), *_integrations(organization)]
    if one.kind == "notifier":
        return [("", _("E-mail")), *_integrations(organization, notifiers=True)]
    if one.kind == "type":
        return [("", _("Choose a type")), *((each.key, each.label) for each in catalog.all_types())]
    if one.kind == "hook":
        hooks = Hook.objects.filter(organization=organization)
        return [("", _("Choose a webhook")), *((str(hook.pk), str(hook)) for hook in hooks)]
    if one.kind == "board":
        boards = Board.objects.filter(organization=organization).order_by("name").values_list("name", flat=True)
        return [("", _("Choose a board")), *((name, name) for name in dict.fromkeys((ACTIVE_JOBS, *boards)))]
    if one.kind == "choice":
        return [("", ""), *((value, _(label)) for value, label in one.choices)]
    return ()


def _integrations(organization: Organization, *, notifiers: bool = False) -> Choices:
    rows = Integration.objects.filter(organization=organization).order_by("name").only("pk", "name", "type")
    return [(str(row.pk), row.name) for row in rows if not notifiers or _notifies(row)]


def _notifies(row: Integration) -> bool:
    try:
        return issubclass(registry.get(row.connector_key), Notifies)
    except ConfigError:
        return False


def _fields(kind: str, key: str) -> dict[str, SyncField]:
    if kind not in KINDS or (key and key not in {one.key for one in catalog.all_types()}):
        return {}
    if KINDS[kind].about == "record" and not key:
        return {}
    return fields_of(kind, key)
