"""What a connector can do, as base classes: what it claims is what it implements.

The engine calls nothing else. Every method may raise the errors of `errors`; a write raises
`UnknownOutcome` when it cannot tell whether it happened, never `Transient`.

Abstract methods raise: in `class X(Pulls, Pushes, RestConnector)` a `super().update(...)` meets the
capability before the kit's default, and a silent None would pass for an answer. Name the default there:
`RestConnector.update(self, ...)`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .errors import ConnectorError, NotFound
from .http import HttpRequest
from .records import Event, ExternalRecord, Feed, Page
from .resource import Resource

Change = tuple[str, Mapping[str, Any], ExternalRecord]
"""An update: the record's id, what is to be written, and the record as it was read just before."""


class Pulls(ABC):
    """Reads records."""

    @abstractmethod
    def pages(
        self, resource: Resource, *, since: datetime | None = None, continuation: Any = None, ids_only: bool = False
    ) -> Iterator[Page]:
        """Every page of the listing, in the provider's order. `since` already holds the overlap.
        `continuation` goes on after a page of an earlier call. A listing that ends without an error is
        complete; anything else raises. `ids_only` may leave `fields` empty."""
        raise _abstract(self, "pages")

    @abstractmethod
    def fetch(self, resource: Resource, external_id: str) -> ExternalRecord:
        """The record now. Raises `NotFound`."""
        raise _abstract(self, "fetch")

    def fetch_many(self, resource: Resource, external_ids: Sequence[str]) -> dict[str, ExternalRecord | None]:
        """Records now; None = not found. `batch_size` ids at the most. Overridden where the provider has
        a batch read."""
        found: dict[str, ExternalRecord | None] = {}
        for external_id in external_ids:
            try:
                found[external_id] = self.fetch(resource, external_id)
            except NotFound:
                found[external_id] = None
        return found

    batch_size: int = 1

    def names(self, resource: Resource, record: ExternalRecord) -> str | None:
        """The id of our own record that this one says it belongs to, where a provider keeps such a thing; it is
        linked to that record and to no other."""
        return None

    def is_wanted(self, resource: Resource, record: ExternalRecord) -> bool:
        """Whether a record that has no partner yet may become one of ours."""
        return True


class Feeds(ABC):
    """Offers a change feed with tombstones."""

    @abstractmethod
    def feed(self, resource: Resource, token: str | None) -> Feed:
        """What happened since `token`; None asks for a first token (answered as expired)."""
        raise _abstract(self, "feed")


class Pushes(ABC):
    """Writes records. `fields` has the provider's shape as *read* (what mapping paths mean), holding only
    what is to be written; the connector turns it into the provider's write calls.

    replaces_lists  a list in `fields` replaces the provider's: where a mapping writes one item of it
                    (`emails[0].address`), the engine hands over the others as they stand. False = the connector
                    or the provider takes items by their key and leaves the others alone
    """

    replaces_lists: bool = True

    @abstractmethod
    def create(self, resource: Resource, fields: Mapping[str, Any], *, key: str) -> ExternalRecord:
        """`key` is ours and unique to this create: sent as client id, idempotency key or marker where the
        provider has one."""
        raise _abstract(self, "create")

    def create_many(
        self, resource: Resource, news: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> list[ExternalRecord | ConnectorError]:
        """Creates of (key, fields), `create_size` at the most, each answered in its place. What is raised concerns all
        of them. Overridden where the provider has a batch create."""
        answers: list[ExternalRecord | ConnectorError] = []
        for key, fields in news:
            try:
                answers.append(self.create(resource, fields, key=key))
            except ConnectorError as error:
                answers.append(error)
        return answers

    create_size: int = 1

    @abstractmethod
    def update(
        self, resource: Resource, external_id: str, fields: Mapping[str, Any], *, current: ExternalRecord
    ) -> ExternalRecord:
        """`current` is the record as read just before. Raises `Stale` where a conditional write fails."""
        raise _abstract(self, "update")

    def update_many(self, resource: Resource, changes: Sequence[Change]) -> list[ExternalRecord | ConnectorError]:
        """Updates, `update_size` at the most, each answered in its place. What is raised concerns all of them.
        Overridden where the provider has a batch update."""
        answers: list[ExternalRecord | ConnectorError] = []
        for external_id, fields, current in changes:
            try:
                answers.append(self.update(resource, external_id, fields, current=current))
            except ConnectorError as error:
                answers.append(error)
        return answers

    update_size: int = 1

    @abstractmethod
    def delete(self, resource: Resource, external_id: str, *, current: ExternalRecord | None = None) -> None:
        """The provider's own archive, trash or delete (`Resource.delete_kind`). Gone already is success."""
        raise _abstract(self, "delete")

    def find_created(
        self, resource: Resource, fields: Mapping[str, Any], *, key: str, after: datetime
    ) -> list[ExternalRecord]:
        """Records that the create of `key` may have made, for `Resource.way_back` other than "none"."""
        return []

    def possibly_created(self, resource: Resource, *, after: datetime) -> list[ExternalRecord]:
        """For the way back "natural_key", asked when `find_created` found nothing: every record that our own account
        may have made since `after`, whatever it shows by now. An empty answer proves that a create never happened."""
        return []


class Listens(ABC):
    """Receives webhooks. Nothing here touches the database: stored deliveries are judged, then parsed."""

    @abstractmethod
    def verify(self, request: HttpRequest, secrets: Sequence[str], *, now: datetime) -> None:
        """Raises `webhooks.BadSignature` or `webhooks.BadTimestamp`. Constant time."""
        raise _abstract(self, "verify")

    @abstractmethod
    def events(self, request: HttpRequest) -> list[Event]:
        """What the delivery says. Raises `webhooks.BadPayload`."""
        raise _abstract(self, "events")

    def handshake(self, request: HttpRequest) -> dict[str, str] | None:
        """Headers that answer a registration handshake, None where this is no handshake."""
        return None

    def subscribe(self, target: str, secret: str) -> dict[str, Any]:
        """Registers `target` at the provider. Returns what must be kept (subscription id; `secret` where the provider
        chooses it; `expires_at`, an ISO stamp, where the registration ends by itself: it is renewed a day before)."""
        raise NotImplementedError(f"{type(self).__name__} has no webhook registration")

    def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no webhook registration")


class Notifies(ABC):
    """Sends a message to people.

    member_field   field of our members that holds where to reach them here (`email`, `phone`, `telegramId`)
    """

    member_field: str = "email"

    @abstractmethod
    def notify(self, recipient: str, text: str, *, key: str) -> str:
        """Returns the provider's message id."""
        raise _abstract(self, "notify")


class Triggers(ABC):
    """Starts a workflow elsewhere."""

    @abstractmethod
    def trigger(self, event: str, payload: Mapping[str, Any], *, key: str) -> None:
        """`key` is ours and unique to this start."""
        raise _abstract(self, "trigger")


def _abstract(connector: object, method: str) -> NotImplementedError:
    return NotImplementedError(
        f"{type(connector).__name__} reached the abstract {method}(): call the kit's default by its class's name."
    )
