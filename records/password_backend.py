"""Logging in by password, put off after too many failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from records import guessing
from records.asking import client_address

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class PatientBackend(ModelBackend):
    """Leaves the seconds to wait on the request as `login_wait`, for the form to tell."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> User | None:
        if request is None:
            return super().authenticate(request, username, password, **more)
        account, address = username or "", client_address(request)
        if seconds := guessing.wait(account, address):
            request.login_wait = seconds  # type: ignore[attr-defined]
            raise PermissionDenied
        user = super().authenticate(request, username, password, **more)
        if user is None and username is not None:
            guessing.failed(account, address)
        elif user is not None:
            guessing.succeeded(account, address)
        return user
