"""Column values as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from jobs_boards.columns import Spec


def shown(spec: Spec, value: Any, people: Mapping[str, str]) -> str:
    """ "" for nothing. `people` are names by member id."""
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return ", ".join(people.get(str(one), str(one)) for one in value)
    if spec.kind == "people":
        return people.get(str(value), _("somebody who is not here any more"))
    if spec.kind == "date":
        return _date(str(value))
    if spec.kind == "number":
        return f"{localize(value, use_l10n=True)} {spec.settings.get('unit', '')}".strip()
    if spec.kind == "checkbox":
        return _("yes")
    return str(value)


def _date(text: str) -> str:
    if len(text) <= 10:
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    local = timezone.localtime(datetime.fromisoformat(text))
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}"
