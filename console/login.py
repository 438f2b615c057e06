"""The log-in page says why it does not let in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext
from unfold.forms import AuthenticationForm


class LogInForm(AuthenticationForm):
    """As the admin's, with a word on waiting after too many failures."""

    def clean(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = super().clean()
        except ValidationError as error:
            seconds = getattr(self.request, "login_wait", 0)
            if not seconds:
                raise
            minutes = -(-seconds // 60)
            sentence = ngettext(
                "Too many failed log-ins. Try again in %(minutes)d minute.",
                "Too many failed log-ins. Try again in %(minutes)d minutes.",
                minutes,
            )
            raise ValidationError(sentence % {"minutes": minutes}, code="throttled") from error
        return found
