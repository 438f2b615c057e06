"""Faults as data: what goes wrong, where, how often. A `FaultBook` draws them and counts what fired."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..ports import Rng

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# kind -> what its params mean
KINDS: dict[str, str] = {
    "refused": "no connection, over HTTP one that is cut at once; nothing was done",
    "fail_before_write": "connection lost before the write; params.status answers with that status instead",
    "lose_response": "the write is done, the answer is lost",
    "rate_limited": "429; params.retry_after in seconds, null = no Retry-After header",
    "server_error": "params.status, 500 unless told",
    "slow": "params.seconds before the work, 1 unless told",
    "truncated": "the answer ends half way; params.connection = true cuts the connection too",
    "ok_with_error_body": "200 with the provider's error body; nothing was done",
    "html": "an HTML page; params.status, 200 unless told",
    "token_expired": "401 as for a bad token",
    "shifting_pages": "the next page starts params.by records off (1 = one is skipped, -1 = one comes twice)",
    "rounded_stamps": "modified stamps are cut to params.seconds",
    "late_commits": "a change becomes visible with a stamp params.seconds old",
    "search_lag": "listings do not show what is younger than params.seconds",
    "rewrite_values": "API writes store another value; params.fields = {field: strip|upper|truncate:N|suffix:X}",
    "hard_delete": "deletes leave no trace: no trash, no event",
    "soft_delete": "deletes go to the trash whatever the provider usually does",
    "webhook_dropped": "a webhook is never sent",
    "webhook_repeated": "a webhook is sent params.times times, 2 unless told",
    "webhook_reordered": "a webhook overtakes those waiting",
    "webhook_late": "a webhook waits params.seconds, 60 unless told",
    "webhook_wrongly_signed": "a webhook carries a wrong signature",
}

# Without `where`, these only hit calls that write.
_WRITES_ONLY = frozenset({"fail_before_write", "lose_response"})


@dataclass(slots=True)
class Fault:
    """`where` = (method, path regex), empty strings match all. `times` None = until reset."""

    kind: str
    where: tuple[str, str] = ("", "")
    times: int | None = 1
    probability: float = 1.0
    params: Mapping[str, Any] = field(default_factory=dict)
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}. Known: {', '.join(sorted(KINDS))}.")
        re.compile(self.where[1])

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fault:
        """Raises `ValueError` with a sentence on an unknown kind or key."""
        unknown = set(data) - {"kind", "where", "method", "path", "times", "probability", "params"}
        if unknown:
            raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
        method, path = data.get("where") or (data.get("method", ""), data.get("path", ""))
        return cls(
            kind=str(data.get("kind", "")),
            where=(str(method), str(path)),
            times=data.get("times", 1),
            probability=float(data.get("probability", 1.0)),
            params=dict(data.get("params") or {}),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "where": list(self.where),
            "times": self.times,
            "probability": self.probability,
            "params": dict(self.params),
            "fired": self.fired,
        }

    def matches(self, method: str, path: str) -> bool:
        if self.times is not None and self.fired >= self.times:
            return False
        if self.kind in _WRITES_ONLY and not self.where[0] and method not in MUTATING:
            return False
        return self.where[0] in ("", method) and re.search(self.where[1], path) is not None


class FaultBook:
    """The faults that a twin is under. `fired` counts per kind since the last reset."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._faults: list[Fault] = []
        self.fired: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def all(self) -> list[Fault]:
        return list(self._faults)

    def clear(self, kind: str | None = None) -> None:
        """Ends all faults, or those of one kind; the counts stay."""
        self._faults = [fault for fault in self._faults if kind is not None and fault.kind != kind]

    def reset(self) -> None:
        self._faults = []
        self.fired.clear()

    def draw(self, kind: str, method: str = "", path: str = "") -> Fault | None:
        """The fault of that kind that strikes here, counted as fired; None mostly."""
        for fault in self._faults:
            if fault.kind == kind and fault.matches(method, path) and self._strikes(fault):
                fault.fired += 1
                self.fired[kind] += 1
                return fault
        return None

    def _strikes(self, fault: Fault) -> bool:
        return fault.probability >= 1.0 or self._rng.random() < fault.probability


def rewritten(value: str, how: str) -> str:
    """What `rewrite_values` makes of a text. Raises `ValueError` for an unknown `how`."""
    verb, _, argument = how.partition(":")
    match verb:
        case "strip":
            return " ".join(value.split())
        case "upper":
            return value.upper()
        case "truncate":
            return value[: int(argument)]
        case "suffix":
            return value if value.endswith(argument) else value + argument
    raise ValueError(f"rewrite_values knows strip, upper, truncate:N, suffix:X; not {how!r}.")
