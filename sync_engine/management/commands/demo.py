"""`manage.py demo [--check]`: the whole product on twins."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

TASKS, CONTACTS = 1_000, 200
LOOK_EVERY = 15
"""Seconds between two looks at the twins while the demo stays up."""


class Command(BaseCommand):
    help = "Shows Lockstep at work on sandbox providers. With --check: runs the main job once, proves it, exits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="run the main job once and exit with its verdict")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sandbox-port", type=int, default=8900)

    def handle(self, *args: Any, **options: Any) -> None:
        # The check counts what each run writes, so nothing may be pushed between them: not for a task that an earlier
        # demo left in the queue either.
        real_time = not options["check"]
        if not settings.DEMO or real_time != settings.PUSH_IN_REAL_TIME:
            mode = {"DEMO": "1", "PUSH_IN_REAL_TIME": "1" if real_time else "0"}
            if not real_time:
                mode["QUEUE_PREFIX"] = "demo-check:"
            os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **mode})
        from sync_engine.demo.processes import port_or_free, running
        from sync_engine.running.timetable import paused

        call_command("migrate", verbosity=0)
        port, sandbox = port_or_free(options["port"]), port_or_free(options["sandbox_port"])
        logs = settings.VAR_DIR / "demo"
        self.stdout.write(f"Starting web, worker, beat and the twins (logs in {logs}) ...")
        with ExitStack() as stack:
            if options["check"]:
                stack.enter_context(paused())
            stack.enter_context(running(settings.BASE_DIR, logs, port=port, sandbox=sandbox))
            faults = self._tell(f"http://127.0.0.1:{sandbox}", check=options["check"])
            if not options["check"]:
                self._stay(port, sandbox, [str(one.pk) for one in self.integrations])
        if faults:
            self.stderr.write("\n".join(f"NOT AS IT SHOULD BE: {fault}" for fault in faults))
            sys.exit(1)

    def _tell(self, sandbox_url: str, *, check: bool) -> list[str]:
        from sync_engine.demo.hand import Hand
        from sync_engine.demo.setting import stage
        from sync_engine.demo.story import Story

        asana, contacts = Hand(sandbox_url, "asana"), Hand(sandbox_url, "generic_rest")
        asana.fill(TASKS)
        contacts.fill(CONTACTS)
        organization, made = stage(sandbox_url)
        self.integrations = list(made.values())
        story = Story(organization, made, asana, contacts, self.stdout.write)
        self.stdout.write("First sync, as a plan:")
        story.first_sync()
        if check:
            self.stdout.write("People edit on both sides:")
            story.edit_both_sides()
            story.sync_again("second sync")
            story.prove_quiet()
            self.stdout.write("Both sides, read past the engine:")
            story.prove_agreement()
        self.stdout.write("\n" + story.table() + "\n")
        if check and not story.faults:
            self.stdout.write("Both sides agree except for the 10 open conflicts, and a third sync wrote nothing.")
        return story.faults

    def _stay(self, port: int, sandbox: int, integrations: list[str]) -> None:
        import signal

        from sync_engine.demo.setting import LOGIN, PASSWORD
        from sync_engine.running.timetable import install, repeat

        install()
        for integration_id in integrations:
            repeat(f"Demo: look at the twin ({integration_id})", "sync_engine.sync", LOOK_EVERY, [integration_id])
        self.stdout.write(f"Lockstep:  http://127.0.0.1:{port}/dashboard/admin/  (user {LOGIN}, password {PASSWORD})")
        self.stdout.write(f"Asana twin: http://127.0.0.1:{sandbox}/_sandbox/asana/tasks")
        self.stdout.write("Edit a task here or there; it appears on the other side by itself. Ctrl-C ends the demo.")
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        signal.sigwait(ends)
