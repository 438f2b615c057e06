"""Carries requests to twins without a socket, with the same faults and the same error words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import Transient, UnknownOutcome
from ..http import HttpRequest, HttpResponse
from .faults import MUTATING
from .twin import Refused, ResponseLost, Twin


class InProcessTransport:
    """A `connectors.base.http.Transport` onto one twin, or onto several by the first segment of the path.

    `calls` counts per method, `mutating` the calls that may write.
    """

    def __init__(self, twins: Twin | Mapping[str, Twin]) -> None:
        self._twins = {twins.slug: twins} if isinstance(twins, Twin) else dict(twins)
        self.calls: Counter[str] = Counter()

    @property
    def mutating(self) -> int:
        return sum(count for method, count in self.calls.items() if method in MUTATING)

    def send(self, request: HttpRequest, *, timeout: float) -> HttpResponse:
        """Raises `Transient` when refused, `UnknownOutcome` when the answer was lost or came too late."""
        twin = self._twin(request)
        self.calls[request.method.upper()] += 1
        started = twin.clock.monotonic()
        try:
            response = twin.handle(request)
        except Refused as error:
            raise Transient("The connection was refused.") from error
        except ResponseLost as error:
            raise UnknownOutcome("The connection was lost before the answer came.") from error
        if twin.clock.monotonic() - started > timeout:
            raise UnknownOutcome(f"No answer within {timeout:g} s.")
        return response

    def _twin(self, request: HttpRequest) -> Twin:
        slug = urlsplit(request.url).path.split("/")[1:2]
        if slug and slug[0] in self._twins:
            return self._twins[slug[0]]
        raise Transient(f"The connection was refused: no twin at {urlsplit(request.url).path}.")
