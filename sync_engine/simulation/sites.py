"""What differs between the providers of a world: their twin, how an account is connected, and how people type there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from connectors.asana.sandbox.twin import API_USER, PROJECT, WORKSPACE, AsanaTwin
from connectors.base.connector import Connector
from connectors.base.sandbox.ports import SeededIds, SeededRng
from connectors.base.sandbox.store import Entry
from connectors.base.sandbox.twin import Twin
from connectors.generic_rest.presets import preset
from connectors.generic_rest.sandbox import GenericRestTwin
from integrations.starters import starter_mappings
from sync_engine.simulation.chance import VirtualClock
from sync_engine.simulation.ledger import STATES


class Site(ABC):
    """One kind of provider.

    fields       canonical field -> where its tasks keep it
    assignee     the mapping's path to who a task is given to
    key          its name for an id
    people       the collection of those who work there
    api_user     whom the provider names as the author of what we write
    prefix       of every path, left out of the trace
    conditional  it refuses a write to a record that has changed since it was read
    tells_gone   an incremental listing shows what was deleted
    """

    fields: ClassVar[Mapping[str, str]]
    assignee: ClassVar[str]
    people: ClassVar[str]
    key: ClassVar[str]
    api_user: ClassVar[str]
    prefix: ClassVar[str]
    connector: ClassVar[str]
    conditional: bool = False
    tells_gone: bool = True

    @abstractmethod
    def twin(self, clock: VirtualClock, chance: int) -> Twin:
        """Its account, empty."""

    @abstractmethod
    def settings(self, page_size: int) -> dict[str, Any]:
        """Settings of the integration."""

    @abstractmethod
    def typed(self, name: str, value: Any) -> Any:
        """A value in our form as a person types it there."""

    def blank(self) -> dict[str, Any]:
        """What a task holds that somebody just made there."""
        return {}

    def task_mapping(self) -> dict[str, Any]:
        document: dict[str, Any] = deepcopy(starter_mappings(self.connector)["task"])
        return document

    def member_mapping(self) -> dict[str, Any]:
        return {
            "resourceType": "MEMBER",
            "matchKeys": ["email"],
            "externalToInternal": [
                {"externalField": self.key, "internalField": "externalId", "transform": "string", "required": True},
                {"externalField": "name", "internalField": "name", "transform": "string", "required": True},
                {"externalField": "email", "internalField": "email", "transform": "string"},
            ],
        }

    def ready(self, connector: Any, page_size: int) -> Any:
        """The connector as it is used there."""
        return connector

    def restore(self, twin: Any, entry: Entry) -> None:
        """A person takes a record out of the trash."""
        twin.store.restore(entry, author="person")


class Asana(Site):
    """A project of Asana's twin, with its feed of events."""

    fields: ClassVar[Mapping[str, str]] = {
        "title": "name",
        "description": "notes",
        "status": "completed",
        "dueDate": "due_on",
    }
    assignee, people, api_user = "assignee.gid", "users", API_USER
    prefix, connector, key = "/asana/api/1.0", "asana", "gid"

    def twin(self, clock: VirtualClock, chance: int) -> Twin:
        return AsanaTwin(clock=clock, ids=SeededIds(chance), rng=SeededRng(chance))

    def settings(self, page_size: int) -> dict[str, Any]:
        return {"project": PROJECT, "workspace": WORKSPACE, "limits": []}

    def typed(self, name: str, value: Any) -> Any:
        if name == "status":
            return value == "COMPLETED"
        return (value or "") if name in ("title", "description") else value

    def ready(self, connector: Any, page_size: int) -> Any:
        """As an OAuth app, which may set the marker by which a create with an unknown outcome is surely found."""
        context = replace(connector.context, auth_type="OAUTH2", token=lambda _stale: "sandbox-token")
        ready: Connector = type(connector)(context)
        ready.resources = tuple(replace(one, page_size=page_size) for one in ready.resources)
        return ready

    def restore(self, twin: Any, entry: Entry) -> None:
        super().restore(twin, entry)
        twin.listings.forget()


@dataclass(frozen=True)
class Api:
    """How a plain JSON API behaves.

    paging      how its listings go on
    tombstones  it has a listing of what was deleted; else a record is just absent
    one_second  its stamps have no fraction
    versions    it sends an ETag and honours If-Match; else several records are read at once
    """

    paging: str = "page"
    tombstones: bool = True
    one_second: bool = False
    versions: bool = False

    def __str__(self) -> str:
        marks = [name for name in ("tombstones", "one_second", "versions") if getattr(self, name)]
        return f"plain API, {' '.join([self.paging, *marks])}"


_PAGES: Mapping[str, Mapping[str, str]] = {
    "page": {"param": "page", "total": "total"},
    "offset": {"param": "offset", "total": "total"},
    "cursor": {"param": "cursor", "next": "next_cursor"},
    "next_url": {"next": "next"},
    "link": {},
}
PAGINGS = tuple(_PAGES)


class PlainApi(Site):
    """A JSON API that only its configuration describes."""

    fields: ClassVar[Mapping[str, str]] = {
        "title": "title",
        "description": "description",
        "status": "status",
        "dueDate": "due_date",
    }
    assignee, people, api_user = "assignee", "members", "1"
    prefix, connector, key = "/generic_rest", "generic_rest", "id"

    def __init__(self, api: Api) -> None:
        self.api = api
        self.conditional, self.tells_gone = api.versions, api.tombstones

    def twin(self, clock: VirtualClock, chance: int) -> Twin:
        settings = {"paging": self.api.paging, "one_second": self.api.one_second, "etags": self.api.versions}
        return GenericRestTwin(clock=clock, ids=SeededIds(chance), rng=SeededRng(chance), settings=settings)

    def settings(self, page_size: int) -> dict[str, Any]:
        document = preset("plain")
        task = document["resources"]["task"]
        listing = task["list"]
        listing["page"] = {"kind": self.api.paging, **_PAGES[self.api.paging]}
        listing["page"] |= {"size_param": "per_page", "size": page_size}
        listing["records"] = "" if self.api.paging == "link" else "data"
        # As its makers know of it: listings may lag behind by ten seconds.
        listing["since"] |= {"format": "iso_ms_z", "lag": 12}
        if self.api.tombstones:
            listing["deleted_params"] = {"deleted": "true", "sort": "updated_at,id"}
        if self.api.versions:
            task["version"] = "header:ETag"
        else:
            task["batch"] = {"list_ids": {"param": "ids", "max": 10}}
        member = {"path": "/members", "id": "id", "updated_at": "updated_at", "list": deepcopy(listing), "get": {}}
        document["query"] = {"arrays": "comma"}
        document["resources"] = {"member": member, "task": {**task, "depends_on": ["member"]}}
        return {"config": document, "limits": []}

    def typed(self, name: str, value: Any) -> Any:
        if name == "status":
            return STATES[value]
        return (value or "") if name in ("title", "description") else value

    def blank(self) -> dict[str, Any]:
        return {"title": "", "description": "", "status": "open", "due_date": None, "assignee": None}


def site(api: Api | None) -> Site:
    """Asana, unless it is a plain API."""
    return Asana() if api is None else PlainApi(api)
