"""Everything a connector is handed: it looks nothing up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .budget import Unlimited
from .http import Transport
from .ports import Budget, Clock


class TokenSource(Protocol):
    """Gives OAuth2 access tokens, refreshed under a lock that all workers share."""

    def __call__(self, stale: str | None = None) -> str:
        """A usable access token. `stale` is one that the provider has just refused: a newer one is
        answered, refreshed at most once. Raises `AuthError` when a person must authorise again."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request, for the log. `url` is redacted; `ms` are milliseconds; `status` 0 = no answer."""

    method: str
    url: str
    status: int
    ms: float
    error: str = ""


@dataclass
class Context:
    """One integration as its connector sees it.

    base_url          "" = the connector's own default
    settings          what the admin chose, by `Connector.settings_schema`
    credentials       decrypted; names are those of the auth kind's fields
    transport         None = real HTTP of this process
    allow_private     private and loopback addresses may be called (sandbox, on-premise systems)
    save_credentials  called with credentials that changed by themselves (login tokens)
    auth_type         R1's authType; "" = the first kind whose fields are filled
    token             where OAuth2 tokens come from
    on_call           told of every request (SyncLog)
    awaited           a person waits for the answer: short timeouts, no repeats, and the budget's reserved share
    organization_id, integration_id   whose it is; needed only where the external system is this very house
    """

    base_url: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, Any] = field(repr=False)
    clock: Clock
    budget: Budget = field(default_factory=Unlimited)
    transport: Transport | None = None
    allow_private: bool = False
    save_credentials: Callable[[Mapping[str, Any]], None] | None = None
    auth_type: str = ""
    token: TokenSource | None = None
    on_call: Callable[[Call], None] | None = None
    awaited: bool = False
    organization_id: str = ""
    integration_id: str = ""

    def names(self) -> dict[str, Any]:
        """What templates may name: credentials, and settings as `settings.x`."""
        return {**self.credentials, "settings": self.settings}
