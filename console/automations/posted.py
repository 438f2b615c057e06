"""Reads a draft from what the form posted, with the rows added or taken away that a button asked for."""

from __future__ import annotations

import re

from django.http import QueryDict

from automations.document import MAX_ACTIONS, MAX_TESTS
from console.automations.draft import TRIGGER, ActionRow, Draft, Row

_CONDITION = re.compile(r"condition-(\d{1,3})-field")
_ACTION = re.compile(r"action-(\d{1,3})-type")


def draft_of(posted: QueryDict) -> Draft:
    """The draft after the button that was pressed."""
    trigger = {name: posted.get(f"trigger-{name}", "").strip() for name in TRIGGER if name != "days"}
    rows = [_row(posted, at) for at in _numbers(posted, _CONDITION)[:MAX_TESTS]]
    actions = [_action(posted, at) for at in _numbers(posted, _ACTION)[: MAX_ACTIONS + 1]]
    draft = Draft({**trigger, "days": posted.getlist("trigger-days")}, rows, actions)
    if "add-condition" in posted:
        draft.rows.append(Row(joined="or" if posted["add-condition"] == "or" else "and"))
    if "add-action" in posted:
        draft.actions.append(ActionRow())
    _take_away(draft.rows, posted.get("remove-condition", ""))
    _take_away(draft.actions, posted.get("remove-action", ""))
    return draft


def _numbers(posted: QueryDict, name: re.Pattern[str]) -> list[int]:
    return sorted(int(found[1]) for key in posted if (found := name.fullmatch(key)))


def _row(posted: QueryDict, at: int) -> Row:
    def given(part: str) -> str:
        return posted.get(f"condition-{at}-{part}", "").strip()

    return Row(given("field"), given("operator"), given("value"), "or" if given("joined") == "or" else "and")


def _action(posted: QueryDict, at: int) -> ActionRow:
    row = ActionRow(posted.get(f"action-{at}-type", ""))
    for parameter in row.parameters:
        row.given[parameter.name] = posted.get(f"action-{at}-{parameter.name}", "").replace("\r\n", "\n").strip()
    return row


def _take_away(rows: list[Row] | list[ActionRow], at: str) -> None:
    if at.isascii() and at.isdigit() and int(at) < len(rows):
        del rows[int(at)]
