"""What every action is: its parameters as data, a check, a sentence of what it would do, and the doing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from uuid import UUID

from automations import templates
from automations.errors import Problem, Refused
from automations.news import News
from integrations.models import Integration
from records.models import Organization
from records.origins import Origin

if TYPE_CHECKING:
    from automations.actions.checking import About

Kind = Literal["template", "long", "values", "integration", "notifier", "type", "choice", "hook", "board", "switch"]


@dataclass(frozen=True)
class Parameter:
    """One input of an action. `values` is an object of field to value or template; `template` and `long` are texts
    that may name fields as `{field}`."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""


@dataclass
class Doing:
    """One action of one firing.

    key      unique to it and the same whenever it is tried again
    memory   kept between tries, so that a message to several people is not repeated to the first
    """

    organization: Organization
    rule_id: str
    rule_name: str
    news: News
    given: Mapping[str, Any]
    now: datetime
    key: str = ""
    origin: Origin = field(default_factory=lambda: Origin("automation"))
    memory: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def known(self) -> dict[str, Any]:
        return self.news.known(self.rule_name, self.now)

    def text(self, name: str) -> str:
        """A parameter with the fields put in."""
        return templates.text(str(self.given.get(name) or ""), self.known)


@dataclass(frozen=True)
class Done:
    """`sentence` for the log; `runs` that were started, whose effects belong to the rule."""

    sentence: str
    runs: tuple[UUID, ...] = ()


class Action(ABC):
    """`type` in documents, `label` for people. `outside` = it reaches beyond our database, so it is not part of a
    transaction and may, after a crash, be repeated under the same key."""

    type: ClassVar[str]
    label: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    outside: ClassVar[bool] = False

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        """What is wrong with the parameters."""
        yield from about.problems(given)

    @abstractmethod
    def plan(self, doing: Doing) -> str:
        """What it would do, without doing it. Raises `Refused`."""

    @abstractmethod
    def perform(self, doing: Doing) -> Done:
        """Does it. Raises `Refused`, or a connector's errors."""


def integration_of(organization: Organization, key: Any) -> Integration | None:
    """One of the organization's, by id or by name."""
    mine = Integration.objects.filter(organization=organization)
    try:
        return mine.filter(pk=UUID(str(key))).first()
    except ValueError:
        return mine.filter(name=str(key)).first()


def wanted_integration(doing: Doing) -> Integration:
    """The one that the action names. Raises `Refused` where it is gone."""
    found = integration_of(doing.organization, doing.given.get("integration"))
    if found is None:
        raise Refused("The integration of this action is gone. Choose another one in the rule.")
    return found
