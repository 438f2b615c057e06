"""A worker in a process of its own: does what is due until it is killed."""

from __future__ import annotations

import time

import django

django.setup()

from automations import acting, reading  # noqa: E402
from automations.hooks import sending  # noqa: E402

if __name__ == "__main__":
    while True:
        done = reading.read() + acting.act()
        done += sum(sending.deliver(hook_id) for hook_id in sending.due_hooks())
        if not done:
            time.sleep(0.02)
