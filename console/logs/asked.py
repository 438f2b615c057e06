"""What a person looks for in the logs, as rows to be read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.enums import SyncDirection, SyncOperation, SyncStatus
from integrations.models import Integration, IntegrationMapping, SyncLog
from records import catalog

SLACK = timedelta(minutes=15)
"""A row's stamp is that of its transaction, its id that of its writing: they may disagree by a batch."""
ANY: tuple[str, Any] = ("", _("Any"))


class LogFilter(forms.Form):
    """R1's filters. Dates are days of the viewer's zone."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ANY, *SyncStatus.choices])
    operation = forms.ChoiceField(label=_("Operation"), required=False, choices=[ANY, *SyncOperation.choices])
    direction = forms.ChoiceField(
        label=_("Written"),
        required=False,
        choices=[ANY, (SyncDirection.EXTERNAL_TO_LOCAL, _("Here")), (SyncDirection.LOCAL_TO_EXTERNAL, _("There"))],
    )
    resource_type = forms.ChoiceField(label=_("Type"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    record = forms.CharField(
        label=_("Record"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("whole id, here or there")}),
    )
    integration = forms.ModelChoiceField(
        label=_("Integration"), required=False, queryset=Integration.objects.none(), empty_label=_("Any")
    )
    run = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, integrations: QuerySet[Integration] | None, **kwargs: Any) -> None:
        """`integrations` to choose from; None on the page of one."""
        super().__init__(*args, **kwargs)
        kinds = [(one.key, one.label) for one in catalog.all_types()]
        self.fields["resource_type"].choices = [ANY, *kinds]  # type: ignore[attr-defined]
        if integrations is None:
            del self.fields["integration"]
        else:
            self.fields["integration"].queryset = integrations.order_by("name")  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What was filled in and can be understood; a field that cannot is left out and shows its error."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def chosen(rows: QuerySet[SyncLog], asked: dict[str, Any], integrations: QuerySet[Integration]) -> QuerySet[SyncLog]:
    """`rows` narrowed to what was asked. `integrations` are those that `rows` may be of."""
    plain = {
        name: asked[name] for name in ("status", "operation", "direction", "resource_type", "integration")
        if name in asked
    }  # fmt: skip
    found = rows.filter(**plain)
    if "run" in asked:
        found = found.filter(run_id=asked["run"])
    if "record" in asked:
        found = found.filter(_of_record(asked["record"].strip().replace("\0", ""), integrations))
    if "since" in asked:
        start = _midnight(asked["since"])
        found = found.filter(pk__gte=first_id_at(start - SLACK), created_at__gte=start)
    if "until" in asked:
        end = _midnight(asked["until"] + timedelta(days=1))
        found = found.filter(pk__lt=first_id_at(end + SLACK), created_at__lt=end)
    return found


def _of_record(record: str, integrations: QuerySet[Integration]) -> Q:
    """Logs hold our id, which has an index; an id of the provider leads to ours through the link. A record that
    was never linked is found by the provider's id among its failures alone, which have an index too."""
    types = [one.key for one in catalog.all_types()]
    linked = IntegrationMapping.objects.filter(
        integration__in=list(integrations.values_list("pk", flat=True)), resource_type__in=types, external_id=record
    )
    ids = [record, *(str(pk) for pk in linked.values_list("internal_id", flat=True)[:50])]
    return Q(resource_id__in=ids) | Q(external_id=record, status=SyncStatus.FAILED)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# Ids grow with time, so the first row of a moment is found by halving: about twenty steps into the primary key
# for a million rows, in one statement, without an index on the time.
_FIRST = """
WITH RECURSIVE search (low, high) AS (
    SELECT coalesce(min(id), 0), coalesce(max(id), 0) + 1 FROM integrations_synclog
    UNION ALL
    SELECT CASE WHEN probe.created_at < %(moment)s THEN probe.id + 1 ELSE low END,
        CASE WHEN probe.created_at < %(moment)s THEN high ELSE (low + high) / 2 END
    FROM search LEFT JOIN LATERAL (SELECT id, created_at FROM integrations_synclog
        WHERE id >= (low + high) / 2 ORDER BY id LIMIT 1) AS probe ON true
    WHERE low < high
)
SELECT min(high) FROM search
"""


def first_id_at(moment: datetime) -> int:
    """The id from which on rows were written at that moment or later."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {"moment": moment})
        return int(cursor.fetchone()[0])
