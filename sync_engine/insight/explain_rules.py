"""The verdict on a record and an integration, and every reason for it, the weightiest first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.enums import MappingStatus, SyncDirection

if TYPE_CHECKING:
    from sync_engine.insight.explain import Facts


class Verdict(TextChoices):
    IN_STEP = "IN_STEP", gettext_lazy("In step")
    ON_ITS_WAY = "ON_ITS_WAY", gettext_lazy("On its way")
    DECISION = "DECISION", gettext_lazy("Waits for a decision")
    KEPT_BACK = "KEPT_BACK", gettext_lazy("Parked with a reason")
    EXCLUDED = "EXCLUDED", gettext_lazy("Not synced")
    STOPPED = "STOPPED", gettext_lazy("Stopped")
    GONE = "GONE", gettext_lazy("Deleted")


def judge(facts: Facts) -> tuple[Verdict, list[str]]:
    """The first reason decides the verdict; all of them are told."""
    reasons = [*_exclusions(facts), *_troubles(facts), *_on_the_way(facts)]
    if facts.stopped:
        name = facts.integration.get_status_display()
        reasons.append(
            (Verdict.ON_ITS_WAY, _("The integration is stopped (%(status)s), so nothing moves until it is resumed.")
             % {"status": name})
        )  # fmt: skip
    if not reasons:
        return Verdict.IN_STEP, [_("Both sides hold what was last agreed on.")]
    moving = [verdict for verdict, _sentence in reasons if not (facts.stopped and verdict is Verdict.ON_ITS_WAY)]
    still = Verdict.IN_STEP if facts.linked and not facts.moved and facts.pending is None else Verdict.STOPPED
    return (moving[0] if moving else still), [sentence for _verdict, sentence in reasons]


def _exclusions(facts: Facts) -> Iterator[tuple[Verdict, str]]:
    """What keeps a record out by rule."""
    if facts.rules is None:
        yield Verdict.EXCLUDED, _("This integration has no mapping for this type of record.")
        return
    if not facts.integration.syncs(facts.data_type):
        yield Verdict.EXCLUDED, _("The settings of the integration leave out this kind of record.")
    if not facts.enabled:
        yield Verdict.EXCLUDED, _("Syncing is switched off on the record itself (external sync enabled).")
    if facts.deleted and not facts.linked:
        yield Verdict.GONE, _("The record is deleted here, and nothing there belongs to it any more.")
    elif facts.link is not None and facts.link.sync_status == MappingStatus.DELETED:
        yield Verdict.GONE, facts.link.reason or _("The link is buried: one side was deleted.")
    elif facts.link is None and not facts.writes_there:
        yield Verdict.EXCLUDED, _no_way_out(facts)


def _no_way_out(facts: Facts) -> str:
    if facts.integration.sync_direction == SyncDirection.EXTERNAL_TO_LOCAL:
        return _("The integration only brings records in, and nothing there has been matched with this one.")
    return _("The mapping of this type has no rules outward, and nothing there has been matched with this record.")


def _troubles(facts: Facts) -> Iterator[tuple[Verdict, str]]:
    """What a person must look at."""
    for case in facts.conflicts:
        names = ", ".join(case.conflicted_fields)
        yield Verdict.DECISION, case.conflict_reason or _("Both sides changed: %(fields)s.") % {"fields": names}
    if facts.link is not None and facts.link.sync_status == MappingStatus.ERROR:
        yield Verdict.KEPT_BACK, facts.link.reason or _("The provider refused the record.")
    for one in facts.parked:
        yield Verdict.KEPT_BACK, one.reason
    if facts.intent is not None and facts.intent.attempted:
        yield Verdict.DECISION, _("Its create at the provider got no answer; it is looked for before it is repeated.")


def _on_the_way(facts: Facts) -> Iterator[tuple[Verdict, str]]:
    """What moves by itself."""
    if facts.pending is not None:
        why = facts.pending.reason
        put_off = _("It was put off: %(why)s") % {"why": why}
        yield Verdict.ON_ITS_WAY, put_off if why else _("A change made here waits to be written there.")
    elif facts.moved and facts.writes_there:
        sentence = _("Changed here since the last agreement: %(fields)s. The next run writes it there.")
        yield Verdict.ON_ITS_WAY, sentence % {"fields": ", ".join(facts.moved)}
    if facts.reread is not None:
        yield Verdict.ON_ITS_WAY, _("The provider's record is about to be read again.")
    if facts.link is not None and facts.link.missing_since is not None:
        yield Verdict.ON_ITS_WAY, _("The provider no longer lists it; it is asked for by itself before it is believed.")
    unknown = facts.link is None and facts.pending is None and not facts.parked and facts.intent is None
    if unknown and not facts.deleted and facts.enabled and facts.writes_there:
        yield (
            Verdict.ON_ITS_WAY,
            _("It is not linked yet. The next full run matches it by its key or creates it there."),
        )
