"""The names of models in the reader's language. Models name themselves in English, as the API does."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext, gettext_noop

NAMES = (
    gettext_noop("audit log"),
    gettext_noop("board columns"),
    gettext_noop("board groups"),
    gettext_noop("boards"),
    gettext_noop("branches"),
    gettext_noop("business units"),
    gettext_noop("committee members"),
    gettext_noop("committees"),
    gettext_noop("contacts"),
    gettext_noop("crew members"),
    gettext_noop("employees"),
    gettext_noop("events"),
    gettext_noop("items"),
    gettext_noop("job state changes"),
    gettext_noop("job statuses"),
    gettext_noop("jobs"),
    gettext_noop("locations"),
    gettext_noop("members"),
    gettext_noop("organizations"),
    gettext_noop("participation logs"),
    gettext_noop("sales people"),
    gettext_noop("tasks"),
)
"""What `makemessages` cannot find by itself; the names of other apps' models come translated."""


def plural(model: type[Model]) -> str:
    return gettext(str(model._meta.verbose_name_plural))
