"""Whether a rule has something to say to some news. Pure."""

from __future__ import annotations

from datetime import datetime

from automations.conditions import holds
from automations.document import Compiled, Trigger
from automations.news import News
from sync_engine.planted import planted


def waits_for(trigger: Trigger, news: News, now: datetime) -> bool:
    """Is this what the trigger names?"""
    if trigger.kind == "field.changed":
        changed = news.event == "record.updated" and trigger.field in news.after
        return changed and trigger.resource_type == news.resource_type and holds(trigger.changes, news.facts(now))
    if trigger.kind != news.event:
        return False
    if trigger.integration and trigger.integration != news.values.get("integrationId"):
        return False
    return trigger.kind.partition(".")[0] != "record" or trigger.resource_type == news.resource_type


def matches(compiled: Compiled, news: News, now: datetime) -> bool:
    """Is this what the rule waits for, and do its conditions hold?"""
    return waits_for(compiled.trigger, news, now) and holds(compiled.condition, news.facts(now))


def stop_reason(rule_id: str, news: News, limit: int) -> str | None:
    """Why a rule that matches must not act: "" = by its own effect, which is nothing to note; None = it may."""
    if planted("own_effect"):
        return None
    if news.chain and news.chain[-1] == rule_id:
        return ""
    if rule_id in news.chain:
        return "This is an effect of the same rule by way of others; acting again could go on for ever."
    if len(news.chain) >= limit:
        return f"{len(news.chain)} rules in a row led to this, and no more than {limit} may (RULE_CHAIN_LIMIT)."
    return None
