"""R1's health score: the weighted mean of the indicators. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.enums import IntegrationStatus
from integrations.health.figures import Figures
from integrations.health.indicators import ALL, Indicator, Verdict, spelled
from integrations.models import HealthSnapshot

HEALTHY_FROM, DEGRADED_FROM = 80, 50
"""Scores. A failing indicator keeps an integration from being HEALTHY; one that was stopped by an error is
UNHEALTHY whatever its score."""
Status = HealthSnapshot.Status


@dataclass(frozen=True, slots=True)
class Health:
    """`score` 0 to 100. `sentence` is what to do first, "" where nothing needs doing."""

    figures: Figures
    status: str
    score: float
    indicators: tuple[Indicator, ...]
    sentence: str

    def __getitem__(self, name: str) -> Indicator:
        """By R1's name of it, which templates reach as `health.successRate`."""
        return {one.name: one for one in self.indicators}[name]


def assess(figures: Figures) -> Health:
    """R1's weights; what cannot be known yet does not count, and with nothing known the score is 100."""
    indicators = tuple(judge(figures) for judge in ALL)
    counted = [(one.score, one.weight) for one in indicators if one.score is not None]
    weight = sum(share for _score, share in counted)
    score = round(sum(points * share for points, share in counted) / weight, 1) if weight else 100.0
    return Health(figures, _status(figures, score, indicators), score, indicators, _first(figures, indicators))


def _status(figures: Figures, score: float, indicators: tuple[Indicator, ...]) -> str:
    if figures.status == IntegrationStatus.ERROR or score < DEGRADED_FROM:
        return Status.UNHEALTHY
    failing = any(one.status is Verdict.FAIL for one in indicators)
    if figures.status == IntegrationStatus.DEGRADED or failing or score < HEALTHY_FROM:
        return Status.DEGRADED
    return Status.HEALTHY


def _first(figures: Figures, indicators: tuple[Indicator, ...]) -> str:
    """What weighs most comes first."""
    if figures.status == IntegrationStatus.ERROR:
        return _("It was stopped by an error. Mend what its last run names, test the connection, then resume it.")
    worst = sorted(
        (one for one in indicators if one.status is not Verdict.PASS),
        key=lambda one: (one.status is not Verdict.FAIL, -one.weight),
    )
    return worst[0].sentence if worst else ""


__all__ = ["DEGRADED_FROM", "HEALTHY_FROM", "Health", "assess", "spelled"]
