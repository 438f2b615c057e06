"""What a rule can do. Each kind is a module; this is the list of them and what all have in common."""

from __future__ import annotations

from collections.abc import Iterator

from automations.actions.base import Action, Doing, Done, Parameter, integration_of
from automations.actions.boarding import BoardItem, PutOnBoard
from automations.actions.calling import CallWebhook
from automations.actions.checking import About
from automations.actions.notifying import Notify
from automations.actions.pushing import Push
from automations.actions.running import StartRun
from automations.actions.writing import CreateRecord, SetFields
from automations.document import Compiled, Given
from automations.errors import Problem, Refused
from records.models import Organization

__all__ = ["ACTIONS", "Action", "Doing", "Done", "Parameter", "check", "integration_of", "of", "register"]

ACTIONS: dict[str, Action] = {}


def register(action: Action) -> None:
    """Files a kind of action. Apps above may add theirs from `AppConfig.ready()`."""
    ACTIONS[action.type] = action


for _each in (
    SetFields(),
    CreateRecord(),
    PutOnBoard(),
    BoardItem(),
    Push(),
    StartRun(),
    Notify(),
    CallWebhook(),
):
    register(_each)


def of(given: Given) -> Action:
    """Raises `Refused` for a kind that is not there any more."""
    try:
        return ACTIONS[given.type]
    except KeyError:
        raise Refused(f"There is no action '{given.type}' any more. Change the rule.") from None


def check(given: Given, compiled: Compiled, organization: Organization) -> Iterator[Problem]:
    """What is wrong with one action of a document."""
    path = f"actions[{given.at}]"
    action = ACTIONS.get(given.type)
    if action is None:
        yield Problem(f"{path}.type", f"Choose what is to be done: one of {', '.join(ACTIONS)}.")
        return
    yield from action.check(given.parameters, About(path, organization, compiled.trigger, action.parameters))
