"""Carries out firings: each action once, what failed again later, until it is done or given up.

A worker takes a firing by moving `next_attempt_at` ahead, so one that was killed is taken up by another. Each action is
noted as done in the transaction of its own writes; what reaches outside is noted right after, and repeated under the
same key should the worker die in between.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from automations import actions, services
from automations.actions import Doing, Done
from automations.document import Given, read
from automations.errors import DocumentError, Refused
from automations.models import Rule, RuleFiring, RuleVersion
from automations.news import News
from connectors.base.errors import AuthError, ConfigError, ConnectorError, RateLimited, Rejected
from records.origins import Origin
from records.values import plain_datetime
from sync_engine.ports import ports

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
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
    while clock.monotonic() < end and (firing := _take()) is not None:
        carry_out(firing)
        taken += 1
    return taken


def due() -> bool:
    """Is there anything to carry out now?"""
    return RuleFiring.objects.filter(status=Status.WAITING, next_attempt_at__lte=ports().clock.now()).exists()


def _take() -> RuleFiring | None:
    now = ports().clock.now()
    with transaction.atomic():
        firing = (
            RuleFiring.objects.select_for_update(skip_locked=True)
            .filter(status=Status.WAITING, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "id")
            .first()
        )
        if firing is not None:
            firing.attempts += 1
            firing.next_attempt_at = now + LEASE
            firing.save(update_fields=["attempts", "next_attempt_at"])
    ports().effect("firing taken")
    return firing


def carry_out(firing: RuleFiring) -> None:
    """Every action that is not done yet, then the verdict."""
    rule = Rule.objects.select_related("organization").get(pk=firing.rule_id)
    if not rule.enabled:
        _finish(firing, Status.STOPPED, f"The rule was switched off before. {rule.disabled_reason}".strip())
        return
    try:
        given = read(_document(rule, firing)).actions
    except DocumentError as error:
        _finish(firing, Status.FAILED, f"The rule does not fit the records any more. {error}")
        services.switch_off(rule, firing.reason)
        return
    failures = [failure for at, each in enumerate(given) if (failure := _one(rule, firing, at, each)) is not None]
    _verdict(rule, firing, failures)


def _document(rule: Rule, firing: RuleFiring) -> Any:
    """As it was when it fired."""
    found = RuleVersion.objects.filter(rule=rule, version=firing.rule_version).first()
    return found.document if found else rule.document


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
        else:
            return _inside(firing, at, given, action, doing)
        return None
    except (Refused, ConnectorError) as error:
        return _note_failure(firing, at, given, doing, _failure(firing, error))
    except Exception as error:
        logger.exception("Action %s of firing %s failed unexpectedly", given.type, firing.pk)
        sentence = f"Something unexpected went wrong ({type(error).__name__}); the server's log has the details."
        return _note_failure(firing, at, given, doing, Failure(sentence, _pause(firing)))


def _inside(firing: RuleFiring, at: int, given: Given, action: actions.Action, doing: Doing) -> Failure | None:
    """The writes and the note that they are done, or neither. The row's lock keeps a second worker out, should this
    one have taken longer than its lease."""
    with transaction.atomic():
        current = RuleFiring.objects.select_for_update().only("outcomes", "runs").get(pk=firing.pk)
        firing.outcomes, firing.runs = current.outcomes, current.runs
        if _outcome(firing, at).get("status") != "done":
            _note_done(firing, at, given, action.perform(doing))
    ports().effect("action done")
    return None


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
    firing.save(update_fields=["outcomes", "runs"])


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


def _verdict(rule: Rule, firing: RuleFiring, failures: list[Failure]) -> None:
    pauses = [failure.after for failure in failures if failure.after is not None]
    sentences = " ".join(dict.fromkeys(failure.sentence for failure in failures))
    if pauses:
        firing.reason = f"Tried {firing.attempts} times; it is tried again. {sentences}"
        firing.next_attempt_at = ports().clock.now() + max(pauses)
        firing.save(update_fields=["reason", "next_attempt_at"])
    elif failures:
        _finish(firing, Status.FAILED, sentences)
        _failed(rule)
    else:
        _finish(firing, Status.DONE, "")
        Rule.objects.filter(pk=rule.pk).exclude(failures=0).update(failures=0)


def _failed(rule: Rule) -> None:
    """One more failure in a row; too many switch the rule off."""
    with transaction.atomic():
        current = Rule.objects.select_for_update().get(pk=rule.pk)
        current.failures += 1
        current.save(update_fields=["failures"])
    limit = settings.RULE_DISABLE_AFTER
    if limit and current.failures >= limit:
        services.switch_off(
            current, f"{current.failures} firings in a row failed. Look at the firings, change the rule, switch it on."
        )


def _finish(firing: RuleFiring, status: str, reason: str) -> None:
    firing.status, firing.reason = status, reason
    firing.finished_at, firing.next_attempt_at = ports().clock.now(), None
    firing.save(update_fields=["status", "reason", "finished_at", "next_attempt_at"])
