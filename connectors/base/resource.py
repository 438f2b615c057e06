"""A resource of a provider, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

WayBack = Literal["client_id", "marker", "natural_key", "none"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of thing at the provider and how it is listed.

    key             canonical resource type (`task`, `member`, ...; DESIGN section 2)
    path            collection path below the base URL; `{settings.x}` is filled from the integration
    items           dotted path to the list in an answer, "" = the answer itself
    id, updated_at  dotted paths inside a record; `updated_at` may be a tuple (first non-null wins)
    updated_since   query parameter that asks for changes only; None = full read every time
    overlap         seconds that a cursor is set back, for coarse stamps and late commits
    lag             seconds behind the provider's clock that a cursor never passes
    params          fixed query parameters of the listing
    depends_on      resource types that must be synced before this one (contacts before invoices)
    writable        False = pull only, whatever the connector can do elsewhere
    way_back        how a create with an unknown outcome is settled (DESIGN section 5)
    search_lag      seconds until a created record is sure to be found by a search
    delete_kind     what `delete` does at the provider
    in_feed         False = the change feed of a connector that has one does not tell of it
    edited_by       dotted path to the name of whoever edited the record last, "" = the provider does not say
    page            dotted path to the record's address in the provider's own web pages, "" = none
    lists_all       True if an unfiltered listing holds every live record, so that absence means something
    """

    key: str
    path: str
    items: str = ""
    id: str = "id"
    updated_at: str | tuple[str, ...] | None = None
    updated_since: str | None = None
    overlap: int = 60
    lag: int = 5
    params: dict[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    writable: bool = True
    way_back: WayBack = "none"
    search_lag: int = 0
    delete_kind: Literal["hard", "soft", "archive", "none"] = "hard"
    in_feed: bool = True
    lists_all: bool = True
    page_size: int = 100
    edited_by: str = ""
    page: str = ""
