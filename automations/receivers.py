"""What automations hear from below. News of records wait in the outbox; other news are noted here where somebody waits
for them, and what a worker died before it could say is found again by `noting.sweep`. What the receivers need is
imported when they are called: a sync from the command line may never need it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from automations import waking
from automations.signals import hook_switched_off, rule_switched_off
from conflicts.signals import conflict_opened
from integrations.enums import JobStatus
from integrations.signals import run_finished
from records.models import Organization
from records.signals import local_change_written
from sync_engine.signals import webhook_accepted


@receiver(post_save, sender=Organization, dispatch_uid="automations.install_presets")
def install_presets(sender: Any, instance: Organization, created: bool, raw: bool = False, **_news: Any) -> None:
    """A new organization begins with the rules that Lockstep ships."""
    from automations import presets

    if created and not raw:
        presets.install(instance)


@receiver(local_change_written, dispatch_uid="automations.read_soon")
def read_soon(sender: Any, watched: bool, **_news: Any) -> None:
    """Right after the commit of a change that is watched."""
    if watched:
        waking.read_soon()


@receiver(conflict_opened, dispatch_uid="automations.note_conflict")
def note_conflict(sender: Any, conflict: Any, **_news: Any) -> None:
    from automations import noting

    noting.note_conflict(conflict)


@receiver(run_finished, dispatch_uid="automations.note_failed_run")
def note_failed_run(sender: Any, run: Any, **_news: Any) -> None:
    from automations import noting

    if run.status == JobStatus.FAILED:
        noting.note_failed_run(run)


@receiver(rule_switched_off, dispatch_uid="automations.tell_of_rule")
def tell_of_rule(sender: Any, rule: Any, reason: str, **_news: Any) -> None:
    from automations import alerting

    alerting.rule_switched_off(rule, reason)


@receiver(hook_switched_off, dispatch_uid="automations.tell_of_hook")
def tell_of_hook(sender: Any, hook: Any, reason: str, **_news: Any) -> None:
    from automations import alerting

    alerting.hook_switched_off(hook, reason)


@receiver(webhook_accepted, dispatch_uid="automations.note_webhook")
def note_webhook(sender: Any, integration: Any, delivery_id: int, **_news: Any) -> None:
    from automations import noting

    noting.note_webhook(integration, delivery_id)


@receiver((post_save, post_delete), sender="automations.Rule", dispatch_uid="automations.forget_who_hears")
def forget_who_hears(sender: Any, **_news: Any) -> None:
    from automations import noting

    noting.forget_who_hears()
