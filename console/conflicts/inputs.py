"""Inputs for a person's own value, by the kind of the field, checked with the field's own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records import catalog, selectors
from records.catalog import Kind, SyncField, SyncType
from records.labels import labels
from records.values import plain_datetime, plain_decimal, plain_tags

OFFERED = 200
"""Records that a reference offers as a list; of more, the id is typed."""
SHORT = 120
"""Characters of a text that fits into one line."""


@dataclass(frozen=True)
class Input:
    """A form field, and the ways from a plain value to what it shows and back."""

    field: forms.Field
    shows: Callable[[Any], Any] = lambda value: value
    plain: Callable[[Any], Any] = lambda value: value if value not in ("", None) else None


def input_for(sync_type: SyncType, name: str, organization_id: str, values: tuple[Any, ...]) -> Input:
    """`values` are those that stand, so that a list of choices holds them."""
    one = sync_type.field(name)
    label = str(sync_type.model_field(one).verbose_name)
    if one.kind is Kind.REFERENCE:
        return _reference(one, label, organization_id, values)
    if one.kind is Kind.CHOICE:
        choices = [("", _("empty")), *sync_type.model_field(one).flatchoices]
        return Input(forms.ChoiceField(label=label, required=False, choices=choices))
    if one.kind is Kind.TEXT:
        return _text(label, values)
    return _MAKES[one.kind](label)


def _text(label: str, values: tuple[Any, ...]) -> Input:
    long = any(isinstance(value, str) and (len(value) > SHORT or "\n" in value) for value in values)
    widget: forms.Widget = forms.Textarea(attrs={"rows": 5}) if long else forms.TextInput()
    field = forms.CharField(label=label, required=False, strip=False, widget=widget)
    return Input(field, plain=lambda value: re.sub(r"\r\n?", "\n", value) or None if value else None)


def _reference(one: SyncField, label: str, organization_id: str, values: tuple[Any, ...]) -> Input:
    target = catalog.get(one.reference or "")
    rows = selectors.iterate(target, organization_id, (), limit=OFFERED + 1)
    if len(rows) > OFFERED:
        text = _("The id of the record: there are too many to list them.")
        return Input(forms.CharField(label=label, required=False, help_text=text))
    ids = {row.id for row in rows if not row.deleted} | {value for value in values if value}
    named = sorted(labels(target, organization_id, sorted(ids)).items(), key=lambda pair: pair[1].lower())
    return Input(forms.ChoiceField(label=label, required=False, choices=[("", _("empty")), *named]))


def _moment(value: Any) -> datetime | None:
    return timezone.localtime(datetime.fromisoformat(value)) if value else None


def _datetime(label: str) -> Input:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")
    formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S.%f"]
    field = forms.DateTimeField(label=label, required=False, widget=widget, input_formats=formats)
    return Input(field, _moment, lambda value: plain_datetime(value) if value else None)


def _date(label: str) -> Input:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    field = forms.DateField(label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"])
    return Input(
        field,
        lambda value: date.fromisoformat(value) if value else None,
        lambda value: value.isoformat() if value else None,
    )


def _boolean(label: str) -> Input:
    choices = [("", _("empty")), ("true", _("yes")), ("false", _("no"))]
    words = {True: "true", False: "false"}
    field = forms.ChoiceField(label=label, required=False, choices=choices)
    return Input(field, lambda value: words.get(value, ""), lambda value: {"true": True, "false": False}.get(value))


def _tags(label: str) -> Input:
    field = forms.CharField(label=label, required=False, help_text=_("Separated by commas."))
    return Input(
        field,
        lambda value: ", ".join(value or ()),
        lambda value: plain_tags([one.strip() for one in (value or "").split(",") if one.strip()]),
    )


def _decimal(label: str) -> Input:
    field = forms.DecimalField(label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    return Input(field, plain=lambda value: None if value is None else plain_decimal(value))


_MAKES: dict[Kind, Callable[[str], Input]] = {
    Kind.INTEGER: lambda label: Input(forms.IntegerField(label=label, required=False)),
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TAGS: _tags,
    Kind.JSON: lambda label: Input(forms.JSONField(label=label, required=False)),
    Kind.UUID: lambda label: Input(forms.CharField(label=label, required=False)),
}
