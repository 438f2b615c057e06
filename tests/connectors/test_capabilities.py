"""What a connector claims is what it implements: a capability's abstract method never answers None."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from connectors.base.capabilities import Feeds, Listens, Notifies, Pulls, Pushes, Triggers
from connectors.base.rest import RestConnector

from .base.fakes import context

ABSTRACT = [
    (capability, name)
    for capability in (Pulls, Feeds, Pushes, Listens, Notifies, Triggers)
    for name in sorted(capability.__abstractmethods__)  # type: ignore[attr-defined]
]


class Careless(Pulls, Pushes, RestConnector):
    key = label = "careless"

    def update(self, *args: Any, **named: Any) -> Any:
        return super().update(*args, **named)


@pytest.mark.parametrize(("capability", "name"), ABSTRACT)
def test_an_abstract_method_refuses_to_be_called(capability: type, name: str) -> None:
    wanted = list(inspect.signature(getattr(capability, name)).parameters.values())[1:]
    positional = [None for each in wanted if each.kind is each.POSITIONAL_OR_KEYWORD]
    named = {each.name: None for each in wanted if each.kind is each.KEYWORD_ONLY}
    with pytest.raises(NotImplementedError, match=rf"abstract {name}\(\)"):
        getattr(capability, name)(object(), *positional, **named)


def test_super_past_a_capability_is_an_error_and_no_silent_none() -> None:
    connector = Careless(context())
    with pytest.raises(NotImplementedError, match="Careless reached the abstract update"):
        connector.update(None, "1", {}, current=None)
