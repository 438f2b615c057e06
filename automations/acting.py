"""Carries out firings: each action once, what failed again later, until it is done or given up.

A worker takes firings by moving `next_attempt_at` ahead (`taking`), so those of one that was killed are taken up by
another. What stays in our database is done for many firings in one transaction, together with the notes of what was
done; each action has a savepoint, so one that fails undoes nobody else's. What reaches outside is noted right after,
and repeated under the same key should the worker die in between.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from automations import actions, services, taking
from automations.actions import Doing, Done
from automations.document import Given
from automations.errors import Refused
from automations.models import Rule, RuleFiring
from automations.news import News
from automations.taking import Work
from connectors.base.errors import AuthError, ConfigError, ConnectorError, RateLimited, Rejected
from records.origins import Origin
from records.values import plain_datetime
from sync_engine.planted import planted
from sync_engine.ports import ports

logger = logging.getLogger(__name__)
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16))
"""R1's pauses before each further try."""
BUDGET = 60.0
"""Seconds that one task works; then another goes on, so that nothing waits behind a long queue for ever."""
HOPELESS = (Refused, AuthError, ConfigError, Rejected)
"""Trying again would not help: a person must change something."""
Status = RuleFiring.Status


@dataclass(frozen=True)
class Failure:
    """Why an action is not done. `after` None = it will not be tried again."""

    sentence: str
    after: timedelta | None = None


def act() -> int:
    """Carries out what is due, for about a minute. Returns how many firings were taken."""
    clock = ports().clock
    end, taken = clock.monotonic() + BUDGET, 0
    while clock.monotonic() < end and (works := taking.take()):
        carry_out(works)
        taken += len(works)
    return taken


def due() -> bool:
    """Is there anything to carry out now?"""
    return RuleFiring.objects.filter(status=Status.WAITING, next_attempt_at__lte=ports().clock.now()).exists()


def carry_out(works: Sequence[Work]) -> None:
    """Every action that is not done yet, then the verdicts."""
    for work in works:
        if work.outside:
            _judge(work, _failures(work))
            _save([work])
    if inside := [work for work in works if not work.outside]:
        _together(inside)


def _together(works: Sequence[Work]) -> None:
    """All or nothing; one by one where the whole is refused at its end, so that one does not hold up the others."""
    try:
        with transaction.atomic():
            for work in _current(works):
                _judge(work, _failures(work))
            _save(works)
    except DatabaseError:
        if len(works) == 1:
            raise
        logger.exception("%d firings could not be carried out together", len(works))
        for work in works:
            _together([work])
    ports().effect("actions done")


def _current(works: Sequence[Work]) -> Sequence[Work]:
    """With what is noted by now. The rows' locks keep a second worker out, should this one have taken longer than its
    lease."""
    locked = RuleFiring.objects.select_for_update().only("outcomes", "runs").order_by("pk")
    noted = locked.in_bulk([work.firing.pk for work in works])
    for work in works:
        work.firing.outcomes, work.firing.runs = noted[work.firing.pk].outcomes, noted[work.firing.pk].runs
        work.firing.status, work.firing.reason = Status.WAITING, ""
    return works


def _failures(work: Work) -> list[Failure] | None:
    """What could not be done. None = the rule stands in the way."""
    if work.problem or not work.rule.enabled:
        return None
    found = (_one(work.rule, work.firing, at, each) for at, each in enumerate(work.actions))
    return [failure for failure in found if failure is not None]


def _one(rule: Rule, firing: RuleFiring, at: int, given: Given) -> Failure | None:
    """One action, unless an earlier try settled it. None = done."""
    before = _outcome(firing, at)
    if before.get("status") == "done":
        return None
    if before.get("status") == "failed":
        return Failure(before["detail"])
    doing = doing_of(rule, firing, at, given)
    doing.memory.update(before.get("memory") or {})
    try:
        action = actions.of(given)
        if action.outside:
            _note_done(firing, at, given, action.perform(doing))
            firing.save(update_fields=["outcomes", "runs"])
        else:
            with transaction.atomic():
                done = action.perform(doing)
            _note_done(firing, at, given, done)
        return None
    except (Refused, ConnectorError) as error:
        return _note_failure(firing, at, given, doing, _failure(firing, error))
    except Exception as error:
        logger.exception("Action %s of firing %s failed unexpectedly", given.type, firing.pk)
        sentence = f"Something unexpected went wrong ({type(error).__name__}); the server's log has the details."
        return _note_failure(firing, at, given, doing, Failure(sentence, _pause(firing)))


def doing_of(rule: Rule, firing: RuleFiring, at: int, given: Given) -> Doing:
    """What an action is given to work with."""
    news = News.restored(
        firing.news,
        organization_id=str(firing.organization_id),
        event=firing.event,
        key=firing.key,
        resource_type=firing.resource_type,
        record_id=str(firing.record_id or ""),
        subject=firing.subject,
        chain=tuple(map(str, firing.chain)),
    )
    return Doing(
        organization=rule.organization,
        rule_id=str(rule.pk),
        rule_name=rule.name,
        news=news,
        given=given.parameters,
        now=ports().clock.now(),
        key=f"{firing.pk}.{at}",
        origin=Origin("automation", str(firing.pk), rule.name),
    )


def _outcome(firing: RuleFiring, at: int) -> dict[str, Any]:
    found: dict[str, Any] = next((one for one in firing.outcomes if one["at"] == at), {})
    return found


def _note_done(firing: RuleFiring, at: int, given: Given, done: Done) -> None:
    firing.runs = [*firing.runs, *done.runs]
    _note(firing, at, {"action": given.type, "status": "done", "detail": done.sentence})


def _note_failure(firing: RuleFiring, at: int, given: Given, doing: Doing, failure: Failure) -> Failure:
    status = "failed" if failure.after is None else "retry"
    kept = {"memory": doing.memory} if doing.memory else {}
    _note(firing, at, {"action": given.type, "status": status, "detail": failure.sentence, **kept})
    return failure


def _note(firing: RuleFiring, at: int, outcome: dict[str, Any]) -> None:
    entry = {"at": at, "time": plain_datetime(ports().clock.now()), **outcome}
    firing.outcomes = sorted([*(one for one in firing.outcomes if one["at"] != at), entry], key=lambda one: one["at"])


def _failure(firing: RuleFiring, error: Refused | ConnectorError) -> Failure:
    if isinstance(error, HOPELESS):
        return Failure(error.message)
    pause = _pause(firing)
    if pause is not None and isinstance(error, RateLimited) and error.retry_after:
        pause = max(pause, timedelta(seconds=error.retry_after))
    return Failure(error.message, pause)


def _pause(firing: RuleFiring) -> timedelta | None:
    """How long until the next try; None after the last one."""
    return RETRY_AFTER[firing.attempts - 1] if firing.attempts <= len(RETRY_AFTER) else None


def _judge(work: Work, failures: list[Failure] | None) -> None:
    """What becomes of the firing; `_save` writes it."""
    rule, firing = work.rule, work.firing
    if failures is None:
        if rule.enabled:
            services.switch_off(rule, work.problem)
            _finish(firing, Status.FAILED, work.problem)
        else:
            _finish(firing, Status.STOPPED, f"The rule was switched off before. {rule.disabled_reason}".strip())
        return
    pauses = [failure.after for failure in failures if failure.after is not None]
    sentences = " ".join(dict.fromkeys(failure.sentence for failure in failures))
    if pauses:
        firing.reason = f"Tried {firing.attempts} times; it is tried again. {sentences}"
        firing.next_attempt_at = ports().clock.now() + max(pauses)
    elif failures:
        _finish(firing, Status.FAILED, sentences)
        _failed(rule)
    else:
        _finish(firing, Status.DONE, "")
        if rule.failures:
            Rule.objects.filter(pk=rule.pk).update(failures=0)
            rule.failures = 0


def _failed(rule: Rule) -> None:
    """One more failure in a row; too many switch the rule off."""
    with transaction.atomic():
        rule.failures = Rule.objects.select_for_update().values_list("failures", flat=True).get(pk=rule.pk) + 1
        Rule.objects.filter(pk=rule.pk).update(failures=rule.failures)
    limit = settings.RULE_DISABLE_AFTER
    if limit and rule.failures >= limit:
        services.switch_off(
            rule, f"{rule.failures} firings in a row failed. Look at the firings, change the rule, switch it on."
        )


def _finish(firing: RuleFiring, status: str, reason: str) -> None:
    firing.status, firing.reason = status, reason
    firing.finished_at, firing.next_attempt_at = ports().clock.now(), None


def _save(works: Sequence[Work]) -> None:
    if planted("outcome_forgotten"):
        return
    fields = ["outcomes", "runs", "status", "reason", "finished_at", "next_attempt_at"]
    RuleFiring.objects.bulk_update([work.firing for work in works], fields)
