"""Forms of items and jobs. Only what a person changed is written, so that nobody's edit of another field is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jobs_boards import selectors
from jobs_boards.columns import Spec
from jobs_boards.models import BoardGroup, Branch, BusinessUnit, CrewMember, Item, Job, SalesPerson
from records import catalog
from records.models import Contact, Member, Organization
from records.values import plain_datetime, to_plain

NOTHING = ("", "\N{EN DASH}")
LATEST = 300
"""Jobs that are offered to an item."""


class Moment(forms.DateTimeField):
    """To the minute; seconds that somebody else wrote are no change."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def has_changed(self, initial: Any, data: Any) -> bool:
        cut = initial.replace(second=0, microsecond=0) if isinstance(initial, datetime) else initial
        return super().has_changed(cut, data)


def _day() -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ItemForm(forms.Form):
    """Name, group, and a field for every column."""

    name = forms.CharField(label=_("Name"), max_length=1024)

    def __init__(self, item: Item, specs: Sequence[Spec], data: Any = None) -> None:
        self.specs = {
            f"column_{spec.key}": spec for spec in specs if not spec.locked or (spec.kind == "link" and not item.job_id)
        }
        values = selectors.values_of(item, specs)
        initial = {"name": item.name, "group": item.group_id}
        initial |= {name: _initial(spec, values[spec.key]) for name, spec in self.specs.items()}
        super().__init__(data, initial=initial)
        groups = BoardGroup.objects.filter(board=item.board_id).order_by("position", "id")
        self.fields["group"] = forms.ModelChoiceField(groups, label=_("Group"), required=False)
        for name, spec in self.specs.items():
            field = _field(spec, item)
            field.label, field.required = spec.title, False
            self.fields[name] = field

    def changes(self) -> dict[str, Any]:
        """What was changed, by column key, in plain form."""
        keys = [name for name in self.changed_data if name in self.specs]
        return {self.specs[name].key: _given(self.cleaned_data[name]) for name in keys}

    def place(self, error: str) -> None:
        """Puts a refusal at the field it is about."""
        for name, spec in self.specs.items():
            if f" {spec.title} " in f" {error} ":
                return self.add_error(name, error.split(": ", 1)[-1])
        self.add_error(None, error)


def _initial(spec: Spec, value: Any) -> Any:
    return datetime.fromisoformat(value) if spec.kind == "date" and spec.settings.get("time") and value else value


def _given(value: Any) -> Any:
    if isinstance(value, QuerySet):
        return [str(one.pk) for one in value]
    if isinstance(value, datetime):
        return plain_datetime(value)
    if hasattr(value, "pk"):
        return str(value.pk)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _field(spec: Spec, item: Item) -> forms.Field:
    several = bool(spec.settings.get("multiple"))
    if spec.kind == "status":
        names = dict.fromkeys([*(one["name"] for one in spec.labels), *([item.status] if spec.main else [])])
        return forms.ChoiceField(choices=[NOTHING, *((name, name) for name in names if name)])
    if spec.kind == "people":
        members = Member.objects.filter(organization=item.organization_id).order_by("name")
        return (forms.ModelMultipleChoiceField if several else forms.ModelChoiceField)(members)
    if spec.kind == "date":
        return Moment() if spec.settings.get("time") else _day()
    if spec.kind == "number":
        return forms.FloatField()
    if spec.kind == "checkbox":
        return forms.BooleanField()
    if spec.kind == "dropdown":
        options = [(one, one) for one in spec.settings.get("options", ())]
        return forms.MultipleChoiceField(choices=options) if several else forms.ChoiceField(choices=[NOTHING, *options])
    if spec.kind == "link":
        latest = Job.objects.filter(organization=item.organization_id).order_by("-id").values("pk")[:LATEST]
        return forms.ModelChoiceField(Job.objects.filter(pk__in=latest).order_by("title"))
    return forms.CharField(widget=forms.Textarea if spec.settings.get("long") else forms.TextInput)


class JobForm(forms.Form):
    """A job's fields by canonical name."""

    title = forms.CharField(label=_("Title"), max_length=1024)
    number = forms.CharField(label=_("Number"), max_length=64, required=False)
    status = forms.ChoiceField(label=_("Status"))
    leadTechnicianId = forms.ModelChoiceField(Member.objects.none(), label=_("Lead technician"), required=False)
    crewLeaderId = forms.ModelChoiceField(CrewMember.objects.none(), label=_("Crew leader"), required=False)
    salesPersonId = forms.ModelChoiceField(SalesPerson.objects.none(), label=_("Sales person"), required=False)
    contactId = forms.ModelChoiceField(Contact.objects.none(), label=_("Customer"), required=False)
    branchId = forms.ModelChoiceField(Branch.objects.none(), label=_("Branch"), required=False)
    businessUnitId = forms.ModelChoiceField(BusinessUnit.objects.none(), label=_("Business unit"), required=False)
    scheduledStart = Moment(label=_("Scheduled start"), required=False)
    scheduledEnd = Moment(label=_("Scheduled end"), required=False)
    addressLine1 = forms.CharField(label=_("Address"), max_length=255, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    region = forms.CharField(label=_("State or region"), max_length=120, required=False)
    postalCode = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    estimatedAmount = forms.DecimalField(label=_("Estimated amount"), max_digits=14, decimal_places=2, required=False)
    contractAmount = forms.DecimalField(label=_("Contract amount"), max_digits=14, decimal_places=2, required=False)
    paidAmount = forms.DecimalField(label=_("Paid so far"), max_digits=14, decimal_places=2, required=False)
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea)

    def __init__(self, organization: Organization, job: Job | None = None, data: Any = None) -> None:
        kind = catalog.get("job")
        held = {} if job is None else {
            field.name: getattr(job, kind.model_field(field).attname) for field in kind.fields
        }  # fmt: skip
        super().__init__(data, initial=held)
        states = [one.name for one in selectors.statuses_of(organization)]
        names = dict.fromkeys([*states, *([job.status] if job else [])])
        self.fields["status"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                rows = field.queryset.model.objects.filter(organization=organization)  # type: ignore[union-attr]
                field.queryset = rows.order_by(*_order(name))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        start, end = given.get("scheduledStart"), given.get("scheduledEnd")
        if start and end and end < start:
            self.add_error("scheduledEnd", _("The end lies before the start."))
        return given

    def changes(self) -> dict[str, Any]:
        """What was changed, plain, by canonical name."""
        kind = catalog.get("job")
        return {name: _plain(kind, name, self.cleaned_data[name]) for name in self.changed_data}


def _order(name: str) -> tuple[str, ...]:
    return ("first_name", "last_name") if name == "contactId" else ("name",)


def _plain(kind: Any, name: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    return str(value.pk) if hasattr(value, "pk") else to_plain(kind.field(name), value)
