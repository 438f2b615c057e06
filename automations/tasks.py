"""Celery's doors into automations: ten lines each, calling services. Their queues stand in
`config/celery_settings.py`."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="automations.read")
def read() -> int:
    """Files what follows from news, then calls workers for it."""
    from automations import reading

    count = reading.read()
    call_workers()
    return count


@shared_task(name="automations.tick")
def tick() -> None:
    """Finds what no worker was told of: due times, news, firings and messages whose time has come."""
    from automations import noting, reading, scheduling

    scheduling.note_due()
    noting.sweep()
    reading.read()
    call_workers()


@shared_task(name="automations.act")
def act() -> int:
    """Carries out firings that are due; goes on in another task while there are more."""
    from automations import acting
    from automations.hooks import sending

    count = acting.act()
    if count and acting.due():
        act.delay()
    for hook_id in sending.due_hooks() if count else ():
        deliver.delay(hook_id)
    return count


@shared_task(name="automations.deliver")
def deliver(hook_id: str) -> int:
    """Sends what waits for one webhook; goes on in another task while there is more."""
    from automations.hooks import sending

    count = sending.deliver(hook_id)
    if count and hook_id in sending.due_hooks():
        deliver.delay(hook_id)
    return count


def call_workers() -> None:
    """One task for firings, one per webhook with something to send."""
    from automations import acting
    from automations.hooks import sending

    if acting.due():
        act.delay()
    for hook_id in sending.due_hooks():
        deliver.delay(hook_id)
