"""Refusals of the services as answers of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import ValidationError

from automations.errors import DocumentError
from automations.hooks.services import CannotReplay
from automations.services import CannotRetry, DuplicateRule
from records.api.errors import Conflict


@contextmanager
def refusals(under: str = "") -> Iterator[None]:
    """Every problem of a document at its place, as a 400 (`under` stands before the places); 409 for what cannot be
    done now."""
    try:
        yield
    except DocumentError as error:
        places = {f"{under}{path}": said for path, said in error.by_path().items()}
        raise ValidationError(places) from error
    except DuplicateRule as error:
        raise Conflict(str(error), "duplicate") from error
    except CannotRetry as error:
        raise Conflict(str(error), "nothing_to_retry") from error
    except CannotReplay as error:
        raise Conflict(str(error), "cannot_replay") from error
