"""Celery's doors into the engine: ten lines each, calling services. Their queues
stand in `config/celery_settings.py`."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="sync_engine.drain")
def drain() -> int:
    """Distributes the outbox and starts a push for every integration with something to say."""
    from sync_engine.schedule import integrations_with_pending, mirrors_with_news

    waiting = integrations_with_pending()
    for integration_id in waiting:
        push.delay(integration_id)
    for integration_id in mirrors_with_news():
        hear.delay(integration_id)
    return len(waiting)


@shared_task(name="sync_engine.push")
def push(integration_id: str) -> str | None:
    """Pushes what waits for one integration."""
    from sync_engine.schedule import run_now

    return run_now(integration_id, direction="push", cause="local change")


@shared_task(name="sync_engine.sync")
def sync(integration_id: str, options: dict[str, object] | None = None) -> str | None:
    """A whole run."""
    from sync_engine.schedule import run_now

    return run_now(integration_id, **(options or {}))


@shared_task(name="sync_engine.sync_due")
def sync_due() -> int:
    """Starts a run for every integration whose frequency says that it is time."""
    from sync_engine.schedule import due

    chosen = due()
    for integration_id in chosen:
        sync.delay(integration_id)
    return len(chosen)


@shared_task(name="sync_engine.reap")
def reap() -> int:
    """Resumes runs whose worker died."""
    from sync_engine.runs import reap as reap_dead
    from sync_engine.schedule import start_pending

    reap_dead()
    return start_pending()


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
