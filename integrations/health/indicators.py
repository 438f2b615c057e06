"""R1's four indicators. Each takes figures and returns a value, a score from 0 to 100 and what to do. Pure.

Thresholds, in the indicator's own unit: up to `warn_at` it passes, beyond `fail_at` it fails, between them it warns.

| indicator    | value                                       | warns beyond | fails beyond | score                     |
|--------------|---------------------------------------------|--------------|--------------|---------------------------|
| successRate  | % of runs that went through, 24 hours       | under 95     | under 90     | the value                 |
| responseTime | ms per answer of the provider, 24 hours     | 1,000        | 5,000        | 100 at 1,000, 0 at 5,000  |
| errorRate    | % of records and runs that failed, 1 hour   | 5            | 10 (R1)      | 100 at 0, 0 at 20         |
| lastSync     | minutes since the last good sync            | 2 intervals  | 4 intervals  | 100 at 2, 0 at 4 intervals|

Where there was no run in a stretch of time, its last run counts. What cannot be known yet has no score, and its
weight goes to the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.enums import IntegrationStatus, SyncFrequency
from integrations.health.figures import Figures


class Verdict(StrEnum):
    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Indicator:
    """`value` None = cannot be known yet, then `score` is None too. `threshold` is where it stops to pass,
    `fail_at` where it fails, both in the unit of the value (% or ms; minutes for lastSync, whose value is the
    moment of the last good sync in ISO 8601). `sentence` says how it is and what to do."""

    name: str
    value: float | str | None
    status: Verdict
    threshold: float
    fail_at: float
    score: float | None
    weight: float
    sentence: str


WEIGHTS = {"successRate": 0.4, "responseTime": 0.2, "errorRate": 0.3, "lastSync": 0.1}
"""R1's."""
INTERVALS = {
    SyncFrequency.REALTIME: timedelta(minutes=10),  # a listing every five minutes is the net under the webhooks
    SyncFrequency.EVERY_15MIN: timedelta(minutes=15),
    SyncFrequency.HOURLY: timedelta(hours=1),
    SyncFrequency.DAILY: timedelta(days=1),
    SyncFrequency.WEEKLY: timedelta(weeks=1),
}
STOPPED = (IntegrationStatus.PAUSED, IntegrationStatus.DISABLED)


def success_rate(found: Figures) -> Indicator:
    value = found.day.success_rate
    if value is None:
        return _unknown("successRate", 95, 90, _("No sync has finished yet."))
    verdict = Verdict.PASS if value >= 95 else Verdict.WARN if value >= 90 else Verdict.FAIL
    failed, total = found.day.failed, found.day.total
    sentence = ngettext(
        "%(failed)d of %(total)d sync failed. Open the last failed run: it names what to mend.",
        "%(failed)d of %(total)d syncs failed. Open the last failed run: it names what to mend.",
        total,
    )
    if not failed:
        sentence = ngettext("The last sync went through.", "All %(total)d syncs went through.", total)
    shown = sentence % {"failed": failed, "total": total}
    return _known("successRate", round(value, 1), verdict, 95, 90, value, shown)


def response_time(found: Figures) -> Indicator:
    value = found.day.response_ms
    if value is None:
        return _unknown("responseTime", 1000, 5000, _("The provider has not been called yet."))
    verdict = _verdict(value, 1000, 5000)
    sentences = {
        Verdict.PASS: _("The provider answers in %(ms)d ms."),
        Verdict.WARN: _("The provider takes %(ms)d ms per answer. Syncs are slower, nothing is lost; look at it "
                        "again in an hour."),
        Verdict.FAIL: _("The provider takes %(ms)d ms per answer. Look at its status page; if it is well there, "
                        "check the network between here and there."),
    }  # fmt: skip
    shown = sentences[verdict] % {"ms": round(value)}
    return _known("responseTime", round(value, 1), verdict, 1000, 5000, _falling(value, 1000, 5000), shown)


def error_rate(found: Figures) -> Indicator:
    value = found.hour.error_rate
    if value is None:
        return _unknown("errorRate", 5, 10, _("No sync has finished yet."))
    verdict = _verdict(value, 5, 10)
    sentence = _("Nothing failed.")
    if value:
        sentence = _("%(share)s %% of what was tried failed. The logs name each failed record and its reason; "
                     "mend these, then retry the parked records.")  # fmt: skip
        sentence %= {"share": f"{value:.1f}"}
    return _known("errorRate", round(value, 1), verdict, 5, 10, _falling(value, 0, 20), sentence)


def last_sync(found: Figures) -> Indicator:
    interval = INTERVALS.get(SyncFrequency(found.frequency))
    stamp = found.last_success_at.isoformat() if found.last_success_at else None
    if interval is None or found.status in STOPPED:
        return _unknown("lastSync", 0, 0, _("It is not expected to sync by itself."))
    minutes = interval.total_seconds() / 60
    age = (found.at - (found.last_success_at or found.created_at)).total_seconds() / 60
    if found.running:
        return _known("lastSync", stamp, Verdict.PASS, 2 * minutes, 4 * minutes, 100, _("A sync is under way."))
    verdict = _verdict(age, 2 * minutes, 4 * minutes)
    sentence = _("It synced when it was due.")
    if verdict is not Verdict.PASS:
        sentence = _("No sync has succeeded for %(span)s, though it is due every %(interval)s. Check that the worker "
                     "and beat are running, then sync by hand; the run says what stands in the way.")  # fmt: skip
        sentence %= {"span": spelled(age), "interval": spelled(minutes)}
    score = _falling(age, 2 * minutes, 4 * minutes)
    return _known("lastSync", stamp, verdict, 2 * minutes, 4 * minutes, score, sentence)


ALL: tuple[Callable[[Figures], Indicator], ...] = (success_rate, response_time, error_rate, last_sync)


def spelled(minutes: float) -> str:
    """In the largest unit that says something: 90 minutes, 5 hours, 3 days."""
    number = round(minutes)
    if number < 120:
        return ngettext("%d minute", "%d minutes", number) % number
    if number < 48 * 60:
        return ngettext("%d hour", "%d hours", number // 60) % (number // 60)
    return ngettext("%d day", "%d days", number // 1440) % (number // 1440)


def _verdict(value: float, warn: float, fail: float) -> Verdict:
    return Verdict.PASS if value <= warn else Verdict.WARN if value <= fail else Verdict.FAIL


def _falling(value: float, full: float, none: float) -> float:
    """100 up to `full`, 0 from `none` on, straight between."""
    return max(0.0, min(100.0, 100 * (none - value) / (none - full)))


def _known(
    name: str, value: float | str | None, verdict: Verdict, warn: float, fail: float, score: float, sentence: str
) -> Indicator:
    return Indicator(name, value, verdict, warn, fail, round(score, 1), WEIGHTS[name], sentence)


def _unknown(name: str, warn: float, fail: float, sentence: str) -> Indicator:
    return Indicator(name, None, Verdict.PASS, warn, fail, None, WEIGHTS[name], sentence)
