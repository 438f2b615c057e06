"""What the contract suite needs to know of a connector and its twin: `CONTRACT` of `connectors.<key>.sandbox`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def _no_settings(page_size: int) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Contract:
    """The base URL is the twin's own. `new`, `change` and `refused` have the provider's shape as read.

    resource         the resource type to exercise
    collection       the twin's name of it
    person           the nth record as a person makes it at the provider
    new              a create that the provider takes; what it sends is read back
    change           an update that the provider takes; each value is read back
    refused          an update that the provider refuses
    words            pattern that the provider's own words of that refusal fit
    settings         settings of the integration, for pages of so many records where they decide that
    credentials      valid, and `bad_credentials` well-formed but not
    missing          an id that nothing has
    hook             (twin, target) -> secret: a registered webhook, without any handshake
    stamped          deliveries carry a time, so that an old one is refused
    """

    resource: str
    collection: str
    person: Callable[[int], Mapping[str, Any]]
    new: Mapping[str, Any]
    change: Mapping[str, Any]
    refused: Mapping[str, Any]
    words: str
    settings: Callable[[int], Mapping[str, Any]] = _no_settings
    credentials: Mapping[str, Any] = field(default_factory=lambda: {"token": "sandbox-token"})
    bad_credentials: Mapping[str, Any] = field(default_factory=lambda: {"token": "wrong"})
    missing: str = "999"
    hook: Callable[[Any, str], str] | None = None
    stamped: bool = False


def contract_of(key: str) -> Contract | None:
    """None where the connector has no twin, or one that says nothing of itself."""
    try:
        module = importlib.import_module(f"connectors.{key}.sandbox")
    except ModuleNotFoundError:
        return None
    found = getattr(module, "CONTRACT", None)
    return found if isinstance(found, Contract) else None
