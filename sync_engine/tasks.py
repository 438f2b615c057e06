"""Celery's doors into the engine: ten lines each, calling services. Their queues
stand in `config/celery_settings.py`."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="sync_engine.drain")
def drain() -> int:
    """Distributes the outbox and starts a push for every integration with something to say."""
    from sync_engine.running.schedule import integrations_with_pending, mirrors_with_news

    waiting = integrations_with_pending()
    for integration_id in waiting:
        push.delay(integration_id)
    for integration_id in mirrors_with_news():
        hear.delay(integration_id)
    return len(waiting)


@shared_task(name="sync_engine.push")
def push(integration_id: str) -> str | None:
    """Pushes what waits for one integration."""
    from sync_engine.running.schedule import run_now

    return run_now(integration_id, direction="push", cause="local change")


@shared_task(name="sync_engine.sync")
def sync(integration_id: str, options: dict[str, object] | None = None) -> str | None:
    """A whole run."""
    from sync_engine.running.schedule import run_now

    return run_now(integration_id, **(options or {}))


@shared_task(name="sync_engine.run_due")
def run_due() -> int:
    """Hands out retries and other filed runs whose time has come, those of dead workers among them."""
    from sync_engine.review import bulk
    from sync_engine.running import filed, relay, runs

    runs.reap()
    for bulk_id in bulk.left_behind():
        decide_many.delay(bulk_id)
    waiting = filed.take()
    for run in waiting:
        relay.queue(run)
    return len(waiting)


@shared_task(name="sync_engine.sync_frequency")
def sync_frequency(frequency: str) -> int:
    """Files and hands out a run for every integration of that frequency."""
    from sync_engine.running import schedule

    count = schedule.file_runs(schedule.of_frequency(frequency), f"scheduled, {frequency.lower()}")
    run_due()
    return count


@shared_task(name="sync_engine.reconcile")
def reconcile() -> int:
    """Files a run that reads and compares everything."""
    from sync_engine.running import schedule

    count = schedule.reconcile()
    run_due()
    return count


@shared_task(name="sync_engine.cleanup_logs")
def cleanup_logs() -> int:
    """Removes what nobody looks at any more."""
    from sync_engine.upkeep.pruning import prune_old

    return prune_old().total()


@shared_task(name="sync_engine.decide_many")
def decide_many(bulk_id: str) -> str | None:
    """Prepares, or carries out, a decision on many conflicts."""
    from sync_engine.review.bulk import work

    return work(bulk_id)


@shared_task(name="sync_engine.hear")
def hear(integration_id: str) -> bool:
    """Works on what webhooks queued for one integration."""
    from sync_engine.webhooks import announce, hearing

    announce.taken_up(integration_id)
    return hearing.hear(integration_id)


@shared_task(name="sync_engine.hear_waiting")
def hear_waiting() -> int:
    """Finds what no worker was told of."""
    from sync_engine.webhooks.hearing import integrations_to_hear

    waiting = integrations_to_hear()
    for integration_id in waiting:
        hear.delay(integration_id)
    return len(waiting)


@shared_task(name="sync_engine.keep_signed_in")
def keep_signed_in() -> int:
    """Renews sign-ins at providers that would die unused."""
    from integrations.oauth.grants import keep_alive
    from sync_engine.ports import ports

    return keep_alive(ports().clock)


@shared_task(name="sync_engine.renew_webhooks")
def renew_webhooks() -> int:
    """Renews webhook registrations that are about to end."""
    from integrations.webhooks.renewal import renew_due
    from sync_engine.ports import ports

    return renew_due(ports().clock)


@shared_task(name="sync_engine.tell_of_conflicts")
def tell_of_conflicts() -> int:
    """Tells those in charge of conflicts that have come up."""
    from conflicts.notices import tell_opened
    from sync_engine.ports import ports

    return tell_opened(ports().clock.now())
