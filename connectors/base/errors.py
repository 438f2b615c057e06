"""Errors of connectors, named by what happens next.

ConnectorError
|- ConfigError            a person must change a setting; nothing is retried
|- AuthError              refresh the token once, then ask for new credentials
|- Rejected               this record is parked with the provider's own words; the run goes on
|  `- NotFound            the object is gone or invisible: a candidate for a delete, never a proof
|- Stale                  a conditional write found a newer version: read again and decide again
|- Transient              nothing was written; the same call may be repeated later
|  `- RateLimited         ... not before `retry_after` seconds
`- UnknownOutcome         a write may or may not have happened: settle by reading, not by repeating
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exchange import Exchange


class ConnectorError(Exception):
    """Base of all. `message` is a sentence for a person, `status` the HTTP status where there was one, `exchange`
    the request behind it with its answer."""

    code = "connector_error"
    exchange: Exchange | None = None

    def __init__(self, message: str, *, status: int | None = None, provider_code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.provider_code = provider_code


class ConfigError(ConnectorError):
    code = "config"


class AuthError(ConnectorError):
    code = "auth"


class Rejected(ConnectorError):
    code = "rejected"


class NotFound(Rejected):
    code = "not_found"


class Stale(ConnectorError):
    code = "stale"


class Transient(ConnectorError):
    code = "transient"


class RateLimited(Transient):
    """`retry_after` is in seconds, as the provider said it, or None where it said nothing."""

    code = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        provider_code: str = "",
    ) -> None:
        super().__init__(message, status=status, provider_code=provider_code)
        self.retry_after = retry_after


class UnknownOutcome(ConnectorError):
    code = "unknown_outcome"
