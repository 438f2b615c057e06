"""The two integrations of a simulated hub: jobs <-> items of a board, items <-> tasks of Asana's twin."""

from __future__ import annotations

from typing import Any

from automations.simulation.ledger import CLOSED, OPEN
from automations.simulation.profile import HubProfile
from connectors.asana.sandbox.twin import PROJECT, WORKSPACE
from integrations.connect import connect
from integrations.models import Integration
from integrations.services import create_integration
from jobs_boards.models import Board
from sync_engine.jobs.boards import connect_board
from sync_engine.simulation.chance import VirtualClock
from sync_engine.simulation.desks import Desk


def items_as_tasks(board_id: str) -> dict[str, Any]:
    """Items of one board as tasks of one project: done there means closed here."""
    both = [
        {"externalField": "name", "internalField": "name", "transform": "string", "required": True},
        {"externalField": "due_on", "internalField": "date", "transform": "date"},
    ]
    inward = {"type": "enum", "mapping": {"true": CLOSED, "false": OPEN}}
    outward = {"type": "enum", "mapping": {CLOSED: True}, "default": False}
    return {
        "resourceType": "ITEM",
        "externalResource": "task",
        "acknowledgedLosses": ["status"],
        "externalToInternal": [
            {"externalField": "gid", "internalField": "externalId", "transform": "string", "required": True},
            *both,
            {"externalField": "completed", "internalField": "status", "transform": inward},
            {"internalField": "boardId", "transform": {"type": "constant", "value": board_id}},
        ],
        "internalToExternal": [*both, {"externalField": "completed", "internalField": "status", "transform": outward}],
    }


class AsanaDesk(Desk):
    """An account whose tasks are the items of one board."""

    def open_for(self, board: Board, profile: HubProfile) -> None:
        self.page_size = profile.page_size
        self.integration = create_integration(
            board.organization,
            name="Asana",
            type="ASANA",
            base_url="http://twin.example/asana/api/1.0",
            auth_type="BEARER_TOKEN",
            credentials={"token": "sandbox-token"},
            data_types=[],
            mappings={"item": items_as_tasks(str(board.pk))},
            settings={
                "project": PROJECT,
                "workspace": WORKSPACE,
                "limits": [],
                "scope": {"item": {"boardId": [str(board.pk)]}},
            },
            conflict_strategy=profile.strategy,
            merge_rules={},
            on_external_delete=profile.on_external_delete,
            on_local_delete=profile.on_local_delete,
        )


class BoardDesk:
    """The integration that keeps jobs on the board. There is no wire: its other side is of this house."""

    def __init__(self, number: int, clock: VirtualClock) -> None:
        self.number, self.clock = number, clock
        self.written: list[tuple[str, str]] = []
        self.integration: Integration

    def open_for(self, board: Board, profile: HubProfile) -> None:
        settings = {"unlinked_items": "create_job"} if profile.items_become_jobs else {}
        self.integration = connect_board(board, settings=settings, conflict_strategy=profile.strategy)

    def connect(self) -> Any:
        self.integration.refresh_from_db()
        return connect(self.integration, clock=self.clock)
