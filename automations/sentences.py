"""Rules in words, in the reader's language."""

from __future__ import annotations

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from automations.conditions import Test
from automations.document import Trigger
from automations.happenings import KINDS
from automations.operators import OPERATORS
from automations.templates import readable
from automations.times import DAYS, Times
from records import catalog

WEEK = (
    gettext_noop("Monday"),
    gettext_noop("Tuesday"),
    gettext_noop("Wednesday"),
    gettext_noop("Thursday"),
    gettext_noop("Friday"),
    gettext_noop("Saturday"),
    gettext_noop("Sunday"),
)


def of_trigger(trigger: Trigger) -> str:
    """What the rule waits for."""
    label = catalog.get(trigger.resource_type).label if trigger.resource_type else ""
    if trigger.kind == "field.changed":
        return _("%(field)s of a %(type)s changes%(how)s") % {
            "field": trigger.field,
            "type": label.lower(),
            "how": _how(trigger),
        }
    if trigger.kind == "schedule":
        when = of_times(trigger.times) if trigger.times else ""
        return _("%(when)s, for each %(type)s") % {"when": when, "type": label.lower()} if label else when
    said = _(KINDS[trigger.kind].label)
    return f"{said}: {label}" if label else said


def _how(trigger: Trigger) -> str:
    words = {"changed_from": _(" from %(value)s"), "changed_to": _(" to %(value)s")}
    tests = getattr(trigger.changes, "parts", ())
    return "".join(words[test.operator] % {"value": readable(test.value)} for test in tests)


def of_times(times: Times) -> str:
    """When a scheduled rule is due."""
    if times.at is None:
        return ngettext("Every minute", "Every %(number)d minutes", times.every) % {"number": times.every}
    named = {"time": time_format(times.at), "zone": times.zone}
    if len(times.days) == len(DAYS):
        return _("Every day at %(time)s (%(zone)s)") % named
    return _("%(days)s at %(time)s (%(zone)s)") % {**named, "days": ", ".join(str(_(WEEK[day])) for day in times.days)}


def of_test(test: Test) -> str:
    """One condition."""
    label = str(_(OPERATORS[test.operator].label))
    if OPERATORS[test.operator].takes == "nothing":
        return f"{test.field} {label}"
    value = readable(test.value)
    return f"{test.field} {label.replace('...', value)}" if "..." in label else f"{test.field} {label} {value}"
