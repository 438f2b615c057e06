"""A plan as a person reads it: its steps in lists, the first sync's four always among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from integrations.models import JobExecution, PlanStep

SHOWN = 10
"""Steps of a list on the page of the run; its own page has all of them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A list: the action of its steps, what they are called, and what would be done."""

    action: str
    title: Any
    sentence: Any
    tone: str = "info"


KINDS = (
    Kind("match", _("Matched"), _("The same record on both sides, found by its key: they are linked."), "good"),
    Kind(
        "ambiguous", _("Ambiguous"), _("Several records may be the same. Nothing is done; a person must look."), "warn"
    ),
    Kind("create_external", _("Only here"), _("Created at the provider.")),
    Kind("create_local", _("Only there"), _("Created here.")),
    Kind("update_local", _("Changed there"), _("The change is written here.")),
    Kind("update_external", _("Changed here"), _("The change is written at the provider.")),
    Kind("conflict", _("Changed on both sides"), _("Nothing is written; it waits for a decision."), "warn"),
    Kind("delete_local", _("Deleted there"), _("Deleted or archived here, as the settings say."), "bad"),
    Kind("delete_external", _("Deleted here"), _("Deleted or archived at the provider, as the settings say."), "bad"),
    Kind("restore_local", _("Back there"), _("Comes back here.")),
    Kind("invalid", _("Cannot be taken over"), _("Nothing is done; the reason says what to mend."), "warn"),
    Kind("rejected", _("Refused by the provider"), _("Nothing is done; the reason says what to mend."), "warn"),
)
NOTED = ("ambiguous", "invalid", "rejected", "conflict")
"""Lists of records for which a plan writes nothing."""
FIRST_SYNC = ("match", "ambiguous", "create_external", "create_local")
"""The four lists of a first sync, shown even where they are empty."""
NAMED = {kind.action: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class PlanList:
    """One list with its first steps. `written` are those that were carried out, `stale` those that were dropped."""

    kind: Kind
    number: int
    written: int
    stale: int
    steps: Sequence[PlanStep]


def kind_of(action: str) -> Kind:
    """A step that no list is named for is shown under its own name."""
    return NAMED.get(action, Kind(action, action.replace("_", " ").capitalize(), ""))


def lists(run: JobExecution, *, first: bool) -> list[PlanList]:
    """Two queries and one for each list that is not empty, by the index of run and action."""
    counts: dict[str, dict[str, int]] = {}
    for action, state, number in (
        PlanStep.objects.filter(run=run).values_list("action", "state").annotate(number=Count("id")).order_by()
    ):
        counts.setdefault(action, {})[state] = number
    wanted = [*dict.fromkeys([*NAMED, *counts])]
    return [
        _list(run, action, counts.get(action, {}))
        for action in wanted
        if action in counts or (first and action in FIRST_SYNC)
    ]


def _list(run: JobExecution, action: str, counts: dict[str, int]) -> PlanList:
    steps = list(PlanStep.objects.filter(run=run, action=action).order_by("id")[:SHOWN]) if counts else []
    return PlanList(
        kind_of(action),
        sum(counts.values()),
        counts.get(PlanStep.State.APPLIED, 0),
        counts.get(PlanStep.State.STALE, 0),
        steps,
    )
