"""How an error is answered: `{"success": false, "error": {"code", "message", "fields"?}}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import DataError
from django.http import HttpRequest, JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

GENERAL = "non_field_errors"


class Conflict(APIException):
    """Something has moved since the caller looked; `extra` stands beside the error."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "The state has changed."

    def __init__(self, detail: str | None = None, code: str | None = None, **extra: Any) -> None:
        super().__init__(detail, code)
        self.extra = extra


class BadRequest(APIException):
    """Cannot be done as asked."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_request"


class Unreachable(APIException):
    """The provider does not answer as it should."""

    status_code = status.HTTP_502_BAD_GATEWAY
    default_code = "connection_failed"


class CredentialsRefused(APIException):
    """The provider does not accept our credentials. Not a challenge: the caller is known."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "invalid_credentials"


def envelope(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's `EXCEPTION_HANDLER`. Unexpected errors are not answered here, so they are logged with their trace."""
    # A value that PostgreSQL cannot hold (a time beyond its calendar), or a body nested too deeply to be read.
    if isinstance(error, DataError | RecursionError):
        set_rollback()
        error = BadRequest("A value is beyond what can be stored or compared.", "out_of_range")
    answer = exception_handler(error, dict(context))
    if answer is None:
        return None
    answer.data = {"success": False, "error": _described(error, answer.data), **getattr(error, "extra", {})}
    return answer


def _described(error: Exception, data: Any) -> dict[str, Any]:
    if isinstance(error, ValidationError):
        return _validation(data)
    detail = data.get("detail", "") if isinstance(data, Mapping) else data
    return {"code": getattr(detail, "code", "error"), "message": str(detail)}


def _validation(data: Any) -> dict[str, Any]:
    fields = dict(data) if isinstance(data, Mapping) else {GENERAL: data}
    general = fields.pop(GENERAL, [])
    code = next((one.code for one in general if isinstance(one, ErrorDetail)), "invalid")
    sentences = [str(one) for one in general] or [f"Not valid: {', '.join(map(str, fields))}."]
    described: dict[str, Any] = {"code": code, "message": " ".join(sentences)}
    return {**described, "fields": fields} if fields else described


def not_found(request: HttpRequest, rest: str = "") -> JsonResponse:
    """No such address under /api/."""
    error = {"code": "not_found", "message": f"There is nothing at {request.path}."}
    return JsonResponse({"success": False, "error": error}, status=404)
