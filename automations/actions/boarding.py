"""Boards: a job on the board that keeps jobs (R0), or an item of its own for whatever a rule is about."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from automations import templates
from automations.actions.base import Action, Doing, Done, Parameter
from automations.actions.checking import About
from automations.actions.writing import told
from automations.errors import Problem, Refused
from integrations.enums import JobType
from integrations.models import Integration
from jobs_boards import selectors, services
from jobs_boards.models import Board, Item
from records.models import Organization
from records.services import InvalidValues
from sync_engine.jobs import boards, by_hand
from sync_engine.outward import outbox
from sync_engine.running.schedule import RUNNABLE, push_soon

BOARD = Parameter(
    "board", gettext_noop("Board"), "board", required=True, help=gettext_noop("Its name, such as Active Jobs.")
)
_OF_RULES = UUID("6f6c1a52-6f0e-4f0c-9a53-0d6ea8b3e7a1")
"""Namespace of the ids of items that rules make."""


class PutOnBoard(Action):
    """R0: the job becomes an item of the board, or its item is brought up to date, by the engine and with all that it
    knows of conflicts and loops. "Active Jobs" is made and connected where the organization has no such board yet."""

    type = "put_on_board"
    label = gettext_noop("Keep the job on a board")
    parameters = (BOARD,)

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        yield from super().check(given, about)
        if about.trigger.resource_type != boards.KIND:
            yield Problem(f"{about.path}.type", "Only jobs are kept on boards like this. Make an item instead.")
        wanted = str(given.get("board") or "")
        if wanted and not _makes(wanted) and selectors.board_named(about.organization, wanted) is None:
            yield Problem(f"{about.path}.board", f"There is no board '{wanted}'. Make it under Boards first.")

    def plan(self, doing: Doing) -> str:
        wanted = str(doing.given["board"])
        board = selectors.board_named(doing.organization, wanted)
        if board is None and not _makes(wanted):
            raise _no_board(wanted)
        if board is None:
            return f"Make the board “{selectors.ACTIVE_JOBS}”, connect it, and put the job on it"
        return f"Make the job's item on “{board.name}”, or bring it up to date"

    def perform(self, doing: Doing) -> Done:
        Organization.objects.select_for_update().get(pk=doing.organization.pk)  # one board, one connection
        wanted = str(doing.given["board"])
        board = selectors.board_named(doing.organization, wanted)
        if board is None:
            if not _makes(wanted):
                raise _no_board(wanted)
            board = services.active_jobs_board(doing.organization, origin=doing.origin)
        try:
            integration = by_hand.integration_of_board(board)
        except by_hand.CannotSync as problem:
            if not _makes(board.name):
                raise Refused(str(problem)) from problem
            return _connected(board, doing)
        outbox.queue(integration, boards.KIND, [doing.news.record_id], doing.now)
        if integration.status not in RUNNABLE:
            return Done(f"Queued for “{board.name}”; '{integration.name}' is {integration.status.lower()}. Resume it.")
        transaction.on_commit(lambda: push_soon(str(integration.pk)))
        return Done(f"Queued for “{board.name}”.")


def _connected(board: Board, doing: Doing) -> Done:
    """The first sync takes this job along, and asks first where there are many."""
    # Celery comes with it, which a plain sync from the command line need not import.
    from sync_engine.api.starting import start

    integration: Integration = boards.connect_board(board)
    run = start(integration, cause=f"rule '{doing.rule_name}'"[:200], job_type=JobType.INITIAL_IMPORT)
    return Done(f"Connected “{board.name}”; its first sync is run {run.pk}.", (run.pk,))


def _makes(name: str) -> bool:
    """The one board that is made where it is missing."""
    return name.lower() == selectors.ACTIVE_JOBS.lower()


def _no_board(name: str) -> Refused:
    return Refused(f"There is no board '{name}'. Make it under Boards, or choose another one in the rule.")


class BoardItem(Action):
    """One item for each record of a rule: made at its first firing, changed at the next ones. What a person deleted
    stays deleted."""

    type = "board_item"
    label = gettext_noop("Create or update a board item")
    parameters = (
        BOARD,
        Parameter("name", gettext_noop("Name of the item"), "template", required=True),
        Parameter(
            "values",
            gettext_noop("Columns"),
            "values",
            help=gettext_noop("One column a line by its key, such as: status = Waiting. {field} puts in a value."),
        ),
    )

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        yield from super().check(given, about)
        board = selectors.board_named(about.organization, str(given.get("board") or ""))
        if board is None:
            yield Problem(f"{about.path}.board", "There is no such board. Make it under Boards first.")
            return
        keys = {spec.key for spec in selectors.columns_of(board.pk)}
        values = given.get("values") or {}
        for key, value in values.items() if isinstance(values, Mapping) else ():
            place = f"{about.path}.values.{key}"
            if key not in keys:
                known = ", ".join(sorted(keys)) or "none yet"
                yield Problem(place, f"The board '{board.name}' has no column '{key}'. It has: {known}.")
            yield from about.names(value, place)

    def plan(self, doing: Doing) -> str:
        board, name, values = self._wanted(doing)
        also = f" with {told(values)}" if values else ""
        return f"Make or change the item “{name}” on “{board.name}”{also}"

    def perform(self, doing: Doing) -> Done:
        board, name, values = self._wanted(doing)
        item_id = str(uuid.uuid5(_OF_RULES, f"{doing.rule_id}:{doing.news.record_id or doing.key}:{board.pk}"))
        held = Item.all_objects.filter(organization=doing.organization, pk=item_id).first()
        try:
            if held is None:
                services.create_item(board, name, values, doing.origin, item_id=item_id, now=doing.now)
                return Done(f"Made the item “{name}” on “{board.name}”.")
            if held.deleted_at is not None:
                return Done("Somebody deleted the item; it stays deleted.")
            services.update_item(doing.organization.pk, item_id, values, doing.origin, name=name, now=doing.now)
        except (InvalidValues, KeyError) as problem:
            raise Refused(str(problem.args[0] if isinstance(problem, KeyError) else problem)) from problem
        return Done(f"Brought the item “{name}” on “{board.name}” up to date.")

    def _wanted(self, doing: Doing) -> tuple[Board, str, dict[str, Any]]:
        board = selectors.board_named(doing.organization, str(doing.given["board"]))
        if board is None:
            raise _no_board(str(doing.given["board"]))
        name = doing.text("name").strip()
        if not name:
            raise Refused("The item would have no name. Change the rule.")
        values = doing.given.get("values") or {}
        return board, name, {key: templates.value(value, doing.known) or None for key, value in values.items()}
