"""The language that a person reads in: the one they chose, or until then the one they first logged in with."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation

from records.models import Preference


def keep(user: User, language: str) -> None:
    """Does nothing where Lockstep does not speak that language."""
    if language in dict(settings.LANGUAGES):
        Preference.objects.update_or_create(user=user, defaults={"language": language})


def known(user: User) -> bool:
    return Preference.objects.filter(user=user).exists()


def of(user: User | None) -> str:
    """The installation's (`LANGUAGE_CODE`) where the person's is not known, and for what goes to nobody in person."""
    found = Preference.objects.filter(user=user).values_list("language", flat=True).first() if user else None
    return found if found in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def spoken(language: str) -> AbstractContextManager[None]:
    """The block speaks it, whatever the process or the request does."""
    return translation.override(language)
