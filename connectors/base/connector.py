"""What every connector is: class data that says what it connects to, and one integration's context."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .auth import Auth, NoAuth, OAuth2, OAuth2Config
from .check import Check
from .context import Call, Context, TokenSource
from .errors import ConfigError
from .limits import Limit
from .records import Account
from .resource import Resource
from .templates import fill, names

__all__ = ["Call", "Check", "Connector", "Context", "TokenSource"]


class Connector(ABC):
    """key              slug, unique, also the folder's name
    label            name for people
    description      one sentence for the list of providers
    auth             kinds that the provider accepts, the usual one first
    check            the call of the connection test
    limits           how often it may be called
    resources        what can sync
    settings_schema  JSON Schema of `Context.settings`
    base_url         default base URL, "" = the admin enters one
    threads          calls may come from several threads at a time; not where a call is a transaction of ours
    defaults         what a new integration begins with where nothing else is chosen, by model field
    """

    key: ClassVar[str] = ""
    label: ClassVar[str] = ""
    description: ClassVar[str] = ""
    auth: ClassVar[tuple[Auth, ...]] = (NoAuth(),)
    check: ClassVar[Check | None] = None
    limits: ClassVar[tuple[Limit, ...]] = ()
    resources: Sequence[Resource] = ()
    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object", "properties": {}}
    base_url: ClassVar[str] = ""
    threads: ClassVar[bool] = True
    defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, context: Context) -> None:
        self.context = context

    @classmethod
    def limits_for(cls, settings: Mapping[str, Any]) -> Sequence[Limit]:
        """The limits under these settings."""
        return cls.limits

    @classmethod
    def oauth(cls, settings: Mapping[str, Any]) -> OAuth2Config | None:
        """How people sign in by OAuth2 under these settings; None where this is no way to connect."""
        return next((kind.config for kind in cls.auth if isinstance(kind, OAuth2)), None)

    @abstractmethod
    def test(self) -> Account:
        """Calls the provider once. Returns who the credentials belong to; raises what went wrong."""

    def choices(self, setting: str) -> list[tuple[str, str]] | None:
        """(value, label) of what the provider has for a setting; empty where another setting must be chosen first,
        None where it cannot be listed and is typed in."""
        return None

    def place(self, resource: Resource) -> str:
        """Which list of the provider, where the settings choose it (a project); "" = whatever the account has."""
        template = "&".join([resource.path, *(f"{name}={value}" for name, value in sorted(resource.params.items()))])
        return fill(template, {"settings": self.context.settings}) if names(template) else ""

    def resource(self, key: str) -> Resource:
        for resource in self.resources:
            if resource.key == key:
                return resource
        raise ConfigError(f"{self.label} has no {key!r} to sync; it offers {', '.join(r.key for r in self.resources)}.")
