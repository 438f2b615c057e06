"""The sidebar: the console's own pages, then the records that a person may look at, then everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conflicts.models import ConflictResolution
from console.names import plural
from integrations.console import integrations_of
from integrations.enums import JobStatus
from integrations.models import JobExecution
from records.roles import manages

MOST = 99
"""A badge says "99+" beyond it, and nothing is counted further."""
ICONS = {
    "task": "task_alt",
    "member": "group",
    "contact": "contacts",
    "event": "event",
    "location": "location_on",
    "participationlog": "schedule",
    "committee": "groups",
    "committeemember": "group_add",
    "organization": "apartment",
    "localchange": "outbox",
    "auditentry": "history",
    "user": "person",
    "periodictask": "timer",
}
GROUPS: tuple[tuple[Any, str, frozenset[str]], ...] = (
    (_("Records"), "records", frozenset({"auditentry", "localchange", "organization", "apitoken"})),
    (_("Jobs and boards"), "jobs_boards", frozenset()),
    (_("Automations"), "automations", frozenset()),
)
"""Title, app, and models of it that stand under Administration."""
ADMINISTERED = ("records.auditentry", "records.organization", "auth.user", "django_celery_beat.periodictask")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """As unfold's `SIDEBAR.navigation` takes it."""
    groups: list[dict[str, Any]] = [{"items": [*_console(request)]}] if manages(request) else []
    for title, app, elsewhere in GROUPS:
        groups.append({"title": title, "collapsible": True, "items": [*_models(request, app, elsewhere)]})
    groups.append({"title": _("Administration"), "collapsible": True, "items": [*_administration(request)]})
    return [group for group in groups if group["items"]]


def _console(request: HttpRequest) -> Iterable[dict[str, Any]]:
    waiting, runs = _counts(request)
    yield _item(request, _("Dashboard"), "dashboard", reverse("console:dashboard"), exact=True)
    conflicts = conflicts_address()
    inside = request.path.startswith(conflicts)
    yield _item(request, _("Integrations"), "sync_alt", reverse("console:integrations")) | (
        {"active": False} if inside else {}
    )
    yield _item(request, _("Conflicts"), "call_split", conflicts, badge=waiting, variant="warning")
    yield _item(request, _("Runs"), "play_circle", reverse("console:runs"), badge=runs, variant="info")
    yield _item(request, _("Logs"), "receipt_long", reverse("console:logs"))
    yield _item(request, _("Rules"), "bolt", reverse("console:rules"))
    yield _item(request, _("Outgoing webhooks"), "outbound", reverse("console:hooks"))
    yield _item(request, _("Boards"), "view_kanban", reverse("console:boards"))
    yield _item(request, _("Jobs"), "home_repair_service", reverse("console:jobs"))


def conflicts_address() -> str:
    """The review of conflicts."""
    return reverse("console:conflicts")


def conflict_address(pk: Any) -> str:
    """The review of one conflict."""
    return reverse("console:conflict", args=[pk])


def _counts(request: HttpRequest) -> tuple[str, str]:
    own = integrations_of(request)
    conflicts = ConflictResolution.objects.filter(integration__in=own, status="PENDING")
    runs = JobExecution.objects.filter(integration__in=own, status__in=(JobStatus.RUNNING, JobStatus.AWAITING_APPROVAL))
    return _capped(conflicts), _capped(runs)


def _capped(rows: QuerySet[Any]) -> str:
    number = rows.order_by()[: MOST + 1].count()
    return f"{MOST}+" if number > MOST else str(number or "")


def _models(request: HttpRequest, app: str, elsewhere: frozenset[str]) -> Iterable[dict[str, Any]]:
    for model, page in admin.site._registry.items():
        meta = model._meta
        if meta.app_label == app and meta.model_name not in elsewhere and page.has_view_permission(request):
            yield _changelist(request, model)


def _administration(request: HttpRequest) -> Iterable[dict[str, Any]]:
    for model, page in admin.site._registry.items():
        if model._meta.label_lower in ADMINISTERED and page.has_view_permission(request):
            yield _changelist(request, model)
    yield _item(request, _("All tables"), "database", reverse("console:tables"))


def _changelist(request: HttpRequest, model: type[Model]) -> dict[str, Any]:
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return _item(request, plural(model).capitalize(), ICONS.get(meta.model_name or "", "table_rows"), address)


def _item(
    request: HttpRequest, title: Any, icon: str, link: str, *, exact: bool = False, badge: str = "", variant: str = ""
) -> dict[str, Any]:
    active = request.path == link if exact else request.path.startswith(link)
    item = {"title": title, "icon": icon, "link": link, "active": active}
    return item | ({"badge": badge, "badge_variant": variant} if badge else {})
