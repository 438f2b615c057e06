"""What integrations hear: a new organization, an integration that was changed, one that was stopped or got worse."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from integrations.alerts.defaults import give_rules
from integrations.enums import IntegrationStatus
from integrations.models import AlertRule, Integration
from integrations.signals import integration_status_changed
from records.models import Organization

logger = logging.getLogger(__name__)


@receiver(post_save, sender=Organization, dispatch_uid="integrations.alert_rules")
def give_alert_rules(instance: Organization, created: bool, raw: bool = False, **_news: Any) -> None:
    if created and not raw:
        give_rules(AlertRule, [instance.pk])


@receiver((post_save, post_delete), sender=Integration, dispatch_uid="integrations.forget_known")
def forget_known(instance: Integration, **_news: Any) -> None:
    """The next webhook is judged by what was saved; once more after the commit, as it may be read in between."""
    from integrations.webhooks import known

    known.forget(instance.pk)
    transaction.on_commit(lambda: known.forget(instance.pk))


@receiver(integration_status_changed, dispatch_uid="integrations.check_at_once")
def check_at_once(integration: Any, after: str, **_news: Any) -> None:
    """R1's flow 5: whoever is in charge hears of it now, and not at the next round of health checks."""
    if after not in (IntegrationStatus.ERROR, IntegrationStatus.DEGRADED) or not settings.PUSH_IN_REAL_TIME:
        return
    from kombu.exceptions import OperationalError

    from integrations.tasks import check_one

    try:
        check_one.apply_async(args=[str(integration.pk)], retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; the next health check looks at '%s': %s", integration, error)
