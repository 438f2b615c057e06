"""An organization that keeps its jobs on a board, and the workers that carry changes between them."""

from __future__ import annotations

from typing import Any

from integrations.models import Integration
from jobs_boards import selectors, services
from jobs_boards.models import Board, Item, Job
from records import catalog
from records import services as records
from records.models import Organization
from sync_engine.jobs.boards import connect_board
from sync_engine.running import runs, schedule
from sync_engine.webhooks import hearing
from tests.jobs_boards.conftest import PERSON

JOB, ITEM = catalog.get("job"), catalog.get("item")
ROUNDS = 12


class Hub:
    """`integration` keeps `board`. The first sync is done."""

    def __init__(self, organization: Organization, **settings: Any) -> None:
        self.organization = organization
        self.board: Board = services.active_jobs_board(organization, origin=PERSON)
        self.integration: Integration = connect_board(self.board, settings=settings)
        self.sync()

    @classmethod
    def found(cls, organization: Organization) -> Hub:
        """Of a board that somebody else has set up."""
        hub = cls.__new__(cls)
        hub.organization = organization
        hub.board = Board.objects.get(organization=organization)
        hub.integration = Integration.objects.get(organization=organization, type="BOARDS")
        return hub

    @property
    def pk(self) -> str:
        return str(self.organization.pk)

    def sync(self, integration: Integration | None = None, **options: Any) -> runs.Result:
        chosen = integration or self.integration
        chosen.refresh_from_db()
        result = runs.execute(chosen, runs.Options(**options))
        assert result.error == "", result.error
        return result

    def settle(self) -> int:
        """What the workers do after a change, until they find nothing more. Returns how many rounds it took."""
        for done in range(ROUNDS):
            pushing, hearing_ = schedule.integrations_with_pending(), hearing.integrations_to_hear()
            if not pushing and not hearing_:
                return done
            for integration in pushing:
                schedule.run_now(integration, direction="push", cause="local change")
            for integration in hearing_:
                hearing.hear(integration)
        raise AssertionError(f"Still busy after {ROUNDS} rounds: a loop.")

    # People

    def job(self, title: str, **values: Any) -> Job:
        made = records.create(JOB, self.pk, {"title": title, **values}, PERSON)
        assert isinstance(made, Job)
        return made

    def edit_job(self, job: Job, **values: Any) -> None:
        records.update(JOB, self.pk, str(job.pk), values, PERSON)

    def item(self, name: str, board: Board | None = None, **values: Any) -> Item:
        return services.create_item(board or self.board, name, values, PERSON)

    def edit_item(self, item: Item, name: str | None = None, **values: Any) -> None:
        services.update_item(self.pk, item.pk, values, PERSON, name=name)

    # What is seen

    def items(self, board: Board | None = None) -> list[Item]:
        return list(Item.objects.filter(board=board or self.board).order_by("id"))

    def item_of(self, job: Job, board: Board | None = None) -> Item:
        return Item.objects.get(board=board or self.board, job_id=job.pk)

    def values(self, item: Item) -> dict[str, Any]:
        item = Item.objects.get(pk=item.pk)
        found = selectors.values_of(item, selectors.columns_of(item.board_id))
        return {key: value for key, value in found.items() if value is not None}

    def fresh(self, job: Job) -> Job:
        return Job.all_objects.get(pk=job.pk)
