"""The admin's plain index: every table that an account may see."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


def all_tables(request: HttpRequest) -> HttpResponse:
    return admin.site.admin_view(admin.site.index)(request, {"title": _("All tables")})
