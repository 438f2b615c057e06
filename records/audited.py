"""What is kept of people's doings with users, memberships and tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import user_logged_in, user_logged_out
from django.contrib.auth.models import Group, User
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.http import HttpRequest

from records import audit
from records.asking import Asker, asker, client_address
from records.models import ApiToken, Membership

audit.watch(
    User, "user", ("username", "email", "is_active", "is_staff", "is_superuser"), secrets=("password",)
)  # fmt: skip
audit.watch(Membership, "membership", ("organization_id", "user_id"), organization=lambda row: row.organization_id)
audit.watch(
    ApiToken,
    "token",
    ("user_id", "hint", "revoked_at"),
    organization=lambda row: row.user.memberships.values_list("organization_id", flat=True).first(),
    verb=lambda before, after: "made" if before is None else "revoked" if after["revoked_at"] else "changed",
    always=True,
)


@receiver(user_logged_in, dispatch_uid="audit.session.started")
def logged_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    """Who came in, and from where."""
    if request is not None:
        _session("session.started", request, user)


@receiver(user_logged_out, dispatch_uid="audit.session.ended")
def logged_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """A session that runs out by itself ends without a word."""
    if request is not None and user is not None:
        _session("session.ended", request, user)


def _session(action: str, request: HttpRequest, user: User) -> None:
    home = user.memberships.values_list("organization_id", flat=True).first()
    by = Asker(user.pk, user.get_username(), "console", client_address(request))
    audit.record(action, user, organization_id=home, by=by)


@receiver(m2m_changed, sender=User.groups.through, dispatch_uid="audit.user.roles")
def roles_changed(instance: Any, action: str, pk_set: set[int] | None, **_: Any) -> None:
    """Who was given a role, or lost one."""
    if action not in ("post_add", "post_remove", "pre_clear") or asker() is None or not isinstance(instance, User):
        return
    chosen = instance.groups.all() if action == "pre_clear" else Group.objects.filter(pk__in=pk_set or ())
    names = sorted(chosen.values_list("name", flat=True))
    if names:
        told: dict[str, Any] = {"before": None, "after": {"roles": names}}
        if action != "post_add":
            told = {"before": {"roles": names}, "after": None}
        audit.record("user.roles_added" if action == "post_add" else "user.roles_removed", instance, **told)
