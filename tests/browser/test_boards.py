"""R0's whole workflow in the browser: create a job, see it on the board, drag it there, see it in the job."""

from __future__ import annotations

from typing import Any

import pytest

from jobs_boards.models import BoardColumn, Item, Job
from records.models import Member
from tests.browser.desk import Desk
from tests.jobs_boards.scene import Hub


@pytest.fixture
def hub(desk: Desk) -> Hub:
    return Hub(desk.scene.organization)


def lane(desk: Desk, name: str) -> Any:
    return desk.page.locator(f'[data-lane="{name}"]')


def drag(desk: Desk, card: Any, name: str) -> None:
    """As a hand does: press, move over, let go."""
    card.hover(position={"x": 12, "y": 12})
    place = card.bounding_box()
    desk.page.mouse.down()
    desk.page.mouse.move(place["x"] + 30, place["y"] + 25, steps=4)
    for _ in range(2):
        lane(desk, name).locator("[data-cards]").hover()
    desk.page.mouse.up()


def test_a_job_is_made_seen_on_the_board_dragged_there_and_seen_in_the_job(desk: Desk) -> None:
    page = desk.page
    desk.open("boards")
    desk.looks_right("boards-none")
    page.get_by_role("button", name="Set up “Active Jobs”").click()
    page.get_by_role("heading", name="Requires Crew Lead").wait_for()
    desk.looks_right("board-empty")
    hub = Hub.found(desk.scene.organization)

    desk.open("jobs")
    desk.looks_right("jobs-none")
    page.get_by_role("link", name="New job").first.click()
    desk.looks_right("job-new")
    page.get_by_label("Title").fill("Attic of the Smiths")
    page.get_by_label("Address").fill("1 Elm Street")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Details").wait_for()
    hub.settle()

    desk.open("board", hub.board.pk)
    card = lane(desk, "Requires Crew Lead").get_by_text("Attic of the Smiths")
    card.wait_for()
    drag(desk, page.locator("[data-card]").first, "In Production")
    lane(desk, "In Production").get_by_text("Attic of the Smiths").wait_for()
    page.wait_for_timeout(300)
    assert Item.objects.get().status == "In Production"
    hub.settle()

    desk.open("job", Job.objects.get().pk)
    assert page.locator("#job-status").inner_text().strip() == "In Production"
    page.get_by_text("was Requires Crew Lead").wait_for()
    desk.looks_right("job")
    page.get_by_role("button", name="Sync to board").click()
    page.get_by_text("Both were in step already.").wait_for()


def test_a_full_board_can_be_read_and_used_by_everybody(desk: Desk, hub: Hub) -> None:
    lead = Member.objects.create(organization=hub.organization, name="Rosa Abe")
    states = ("Requires Crew Lead", "Plans In Progress", "In Production", "Closed Job", "Waiting for parts")
    for number in range(12):
        hub.job(
            f"Attic insulation for a house with a rather long name {number}",
            number=f"J-{number:04d}",
            status=states[number % len(states)],
            addressLine1=f"{number} Elm Street",
            leadTechnicianId=str(lead.pk) if number % 2 else None,
            scheduledStart="2026-03-02T08:00:00.000000Z",
        )
    hub.settle()
    page = desk.page
    desk.open("board", hub.board.pk)
    desk.looks_right("board")
    desk.open("board", hub.board.pk, query="?view=table")
    desk.looks_right("board-table")
    desk.open("jobs")
    desk.looks_right("jobs")
    item = hub.items()[0]
    desk.open("item", item.pk)
    desk.looks_right("item")

    # By keyboard: the list on the card.
    desk.open("board", hub.board.pk)
    page.locator(f"#move-{item.pk}").focus()
    page.keyboard.type("Closed")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    lane(desk, "Closed Job").locator(f"#card-{item.pk}").wait_for()
    page.wait_for_timeout(300)
    assert Item.objects.get(pk=item.pk).status == "Closed Job"

    # Live: what somebody else does is seen without a reload.
    other = hub.items()[1]
    hub.edit_item(other, name="Renamed by a colleague")
    page.get_by_text("Renamed by a colleague").wait_for()


def test_an_item_is_edited_and_a_refusal_stands_at_its_field(desk: Desk, hub: Hub) -> None:
    job = hub.job("Attic")
    hub.settle()
    page = desk.page
    desk.open("item", hub.item_of(job).pk)
    page.get_by_label("Address").fill("2 Elm Street")
    page.get_by_label("Status", exact=True).select_option("Pending Review")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="Sync to job").click()
    page.get_by_text("Synced.").wait_for()
    assert (hub.fresh(job).address_line1, hub.fresh(job).status) == ("2 Elm Street", "Pending Review")


def test_a_card_that_cannot_be_moved_goes_back_and_says_why(desk: Desk, hub: Hub) -> None:
    item = hub.item("Nails", status="In Production")
    desk.open("board", hub.board.pk)
    column = BoardColumn.objects.get(board=hub.board, key="status")
    column.settings = {"labels": [one for one in column.spec.labels if one["name"] != "Closed Job"]}
    column.save()
    drag(desk, desk.page.locator(f"#card-{item.pk}"), "Closed Job")
    desk.page.get_by_text("has no label 'Closed Job'").wait_for()
    assert lane(desk, "In Production").locator(f"#card-{item.pk}").count() == 1


def test_a_column_is_added_and_removed_again(desk: Desk, hub: Hub) -> None:
    page = desk.page
    desk.open("board", hub.board.pk)
    page.get_by_role("link", name="Columns").click()
    page.locator("#id_title").fill("Roof")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Name: Roof").wait_for()
    desk.looks_right("board-columns")
    assert hub.item("Attic", roof="Slate").column_values == {"roof": "Slate"}
    page.reload()
    page.get_by_role("row", name="Roof").locator("summary").click()
    page.get_by_text("The value of 1 item is not shown").wait_for()
    page.get_by_role("button", name="Remove the column").click()
    page.get_by_text("“Roof” is removed.").wait_for()
    assert not BoardColumn.objects.filter(board=hub.board, key="roof").exists()
