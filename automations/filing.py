"""What follows from news, collected and written at once: firings of rules, messages to webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from automations import matching, services
from automations.document import Compiled, read
from automations.errors import DocumentError
from automations.hooks import composing
from automations.models import Hook, HookDelivery, Rule, RuleFiring
from automations.news import News

MINUTE = timedelta(minutes=1)


class Readers:
    """Rules and webhooks of one organization, compiled once per batch."""

    def __init__(self, organization_id: str) -> None:
        self.rules = [
            (rule, compiled)
            for rule in Rule.objects.filter(organization_id=organization_id, enabled=True)
            if (compiled := _compiled(rule)) is not None
        ]
        self.hooks = [
            wanted
            for hook in Hook.objects.filter(organization_id=organization_id, status=Hook.Status.ACTIVE)
            if (wanted := composing.wanted(hook)) is not None
        ]


def _compiled(rule: Rule) -> Compiled | None:
    """A rule whose document cannot be read any more (a field is gone) is switched off with that reason, and the
    others go on."""
    try:
        return read(rule.document)
    except DocumentError as error:
        services.switch_off(rule, f"The rule does not fit the records any more. {error}")
        return None


class Files:
    """Takes news one after the other; `write` files all that follows from them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.firings: list[RuleFiring] = []
        self.deliveries: list[HookDelivery] = []
        self._readers: dict[str, Readers] = {}
        self._planned: dict[str, int] = {}

    def take(self, news: News) -> None:
        readers = self._of(news.organization_id)
        for rule, compiled in readers.rules:
            if news.only in ("", str(rule.pk)) and matching.matches(compiled, news, self.now):
                self._fire(rule, news)
        if not news.only:
            found = (composing.delivery(one, news, self.now) for one in readers.hooks)
            self.deliveries.extend(one for one in found if one is not None)

    def _of(self, organization_id: str) -> Readers:
        if organization_id not in self._readers:
            self._readers[organization_id] = Readers(organization_id)
        return self._readers[organization_id]

    def _fire(self, rule: Rule, news: News) -> None:
        stopped = matching.stop_reason(str(rule.pk), news, settings.RULE_CHAIN_LIMIT)
        if stopped == "":
            return
        firing = RuleFiring(
            organization_id=news.organization_id,
            rule=rule,
            rule_version=rule.version,
            key=news.key,
            event=news.event,
            resource_type=news.resource_type,
            record_id=news.record_id or None,
            subject=news.subject,
            news=news.stored(),
            chain=list(news.chain),
            created_at=self.now,
            first_due_at=self.now,
        )
        if stopped is None:
            firing.first_due_at = firing.next_attempt_at = self._due(rule)
            if firing.first_due_at > self.now:
                firing.reason = f"Waits its turn: at most {rule.max_per_minute} firings of this rule a minute."
        else:
            firing.status, firing.reason, firing.finished_at = RuleFiring.Status.STOPPED, stopped, self.now
        self.firings.append(firing)

    def _due(self, rule: Rule) -> datetime:
        """Now, or in the minute that has room by the rule's limit."""
        if not rule.max_per_minute:
            return self.now
        key = str(rule.pk)
        if key not in self._planned:
            self._planned[key] = services.planned_firings(rule, self.now - MINUTE)
        minutes, self._planned[key] = self._planned[key] // rule.max_per_minute, self._planned[key] + 1
        return self.now + minutes * MINUTE

    def write(self) -> None:
        """Once per rule and happening, once per webhook and event, whoever else has filed them before."""
        RuleFiring.objects.bulk_create(self.firings, ignore_conflicts=True, batch_size=1_000)
        HookDelivery.objects.bulk_create(self.deliveries, ignore_conflicts=True, batch_size=1_000)
        fired = {firing.rule_id for firing in self.firings}
        if fired:
            Rule.objects.filter(pk__in=fired).update(last_fired_at=self.now)
