"""What follows from news, collected and written at once: firings of rules, messages to webhooks."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from automations import matching, services
from automations.document import Compiled, read
from automations.errors import DocumentError
from automations.hooks import composing
from automations.models import Hook, HookDelivery, Rule, RuleFiring
from automations.news import News

logger = logging.getLogger(__name__)
MINUTE = timedelta(minutes=1)
LOGGED = "The server's log has the details."


class Readers:
    """Rules and webhooks of one organization, compiled once per batch."""

    def __init__(self, organization_id: str) -> None:
        self.rules = [
            (rule, compiled)
            for rule in Rule.objects.filter(organization_id=organization_id, enabled=True)
            if (compiled := _compiled(rule)) is not None
        ]
        self.hooks = [
            wanted for hook in _active_hooks(organization_id) if (wanted := composing.wanted(hook)) is not None
        ]


def _active_hooks(organization_id: str) -> QuerySet[Hook]:
    """Their addresses and secrets are the sender's matter and stay closed."""
    return Hook.objects.filter(organization_id=organization_id, status=Hook.Status.ACTIVE).defer("url", "secret")


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
        for rule, compiled in list(readers.rules):
            if news.only in ("", str(rule.pk)) and self._matches(readers, rule, compiled, news):
                self._fire(rule, news)
        if not news.only:
            for one in list(readers.hooks):
                self._send(readers, one, news)

    def _matches(self, readers: Readers, rule: Rule, compiled: Compiled, news: News) -> bool:
        """A rule that cannot be judged is a fault of ours; it is switched off, so that it does not hold up the rest."""
        try:
            return matching.matches(compiled, news, self.now)
        except Exception:
            logger.exception("Rule %s cannot be judged on %s", rule.pk, news.key)
            services.switch_off(rule, f"Its conditions could not be judged on {news.subject}. {LOGGED}")
            readers.rules.remove((rule, compiled))
            return False

    def _send(self, readers: Readers, one: composing.Wanted, news: News) -> None:
        try:
            delivery = composing.delivery(one, news, self.now)
        except Exception:
            logger.exception("Webhook %s cannot be judged on %s", one.hook.pk, news.key)
            composing.switch_off(one.hook, f"No message could be made of {news.subject}. {LOGGED}")
            readers.hooks.remove(one)
            return
        if delivery is not None:
            self.deliveries.append(delivery)

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
