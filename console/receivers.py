"""What the console hears: somebody logged in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import user_logged_in
from django.contrib.auth.models import User
from django.dispatch import receiver
from django.http import HttpRequest

from records import languages


@receiver(user_logged_in, dispatch_uid="console.language")
def note_language(request: HttpRequest | None, user: User, **_news: Any) -> None:
    """Until a person chooses a language, it is the one that they first logged in with."""
    spoken = getattr(request, "LANGUAGE_CODE", "")
    if spoken and not languages.known(user):
        languages.keep(user, spoken)
