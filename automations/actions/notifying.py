"""Telling people: by e-mail, or by an integration that sends messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.forms import ValidationError
from django.utils.translation import gettext_noop

from automations import templates
from automations.actions.base import Action, Doing, Done, Parameter, integration_of, wanted_integration
from automations.actions.checking import About
from automations.errors import Problem, Refused
from connectors.base import registry
from connectors.base.capabilities import Notifies
from connectors.base.errors import Transient
from integrations.connect import connect
from integrations.models import Integration
from records.api.permissions import ROLES
from records.models import Member
from sync_engine.ports import ports

MOST = 50
"""People that one action tells."""
EMAIL = "email"


class Notify(Action):
    """Finds out who is meant, then sends one message to each. Those who were told are not told again by a retry."""

    type = "notify"
    label = gettext_noop("Notify people")
    outside = True
    parameters = (
        Parameter("integration", gettext_noop("By"), "notifier", help=gettext_noop("Leave empty to send e-mail.")),
        Parameter(
            "role", gettext_noop("Everybody with the role"), "choice", choices=tuple((one, one) for one in ROLES)
        ),
        Parameter(
            "member",
            gettext_noop("This person"),
            "template",
            help=gettext_noop("A field that names a member, such as {assignedToId}, or a member's id."),
        ),
        Parameter(
            "address",
            gettext_noop("These addresses"),
            "template",
            help=gettext_noop("E-mail addresses (or chats, numbers) with commas between; {email} puts in a field."),
        ),
        Parameter("subject", gettext_noop("Subject"), "template", help=gettext_noop("Of the e-mail.")),
        Parameter("text", gettext_noop("Message"), "long", required=True),
    )

    def check(self, given: Mapping[str, Any], about: About) -> Iterator[Problem]:
        yield from super().check(given, about)
        if not any(given.get(name) for name in ("role", "member", "address")):
            yield Problem(f"{about.path}.address", "Say whom to tell: a role, a person, or addresses.")
        integration = integration_of(about.organization, given.get("integration"))
        if integration is None and given.get("address"):
            yield from _check_addresses(str(given["address"]), f"{about.path}.address")
        if integration is not None and not _can_notify(integration):
            yield Problem(f"{about.path}.integration", f"'{integration.name}' cannot send messages.")

    def plan(self, doing: Doing) -> str:
        people = ", ".join(self._recipients(doing))
        return f"Tell {people}: {doing.text('text')}"

    def perform(self, doing: Doing) -> Done:
        told: list[str] = doing.memory.setdefault("told", [])
        recipients = self._recipients(doing)
        for recipient in recipients:
            if recipient not in told:
                self._send(doing, recipient)
                told.append(recipient)
        return Done(f"Told {', '.join(recipients)}.")

    def _send(self, doing: Doing, recipient: str) -> None:
        key = f"{doing.key}.{recipient}"
        if not doing.given.get("integration"):
            _mail(doing, recipient, key)
            return
        connector = connect(wanted_integration(doing), clock=ports().clock)
        assert isinstance(connector, Notifies)
        connector.notify(recipient, doing.text("text"), key=key)

    def _recipients(self, doing: Doing) -> list[str]:
        """Where to send, each once. Raises `Refused` if there is nobody."""
        field = self._field(doing)
        found = [
            *_of_role(doing, field),
            *_of_member(doing, field),
            *(each.strip() for each in doing.text("address").split(",")),
        ]
        chosen = list(dict.fromkeys(each for each in found if each))
        if not chosen:
            raise Refused("There is nobody to tell: nobody has that role, or the person has no address.")
        if len(chosen) > MOST:
            raise Refused(f"This would tell {len(chosen)} people; at most {MOST} are told at once.")
        return chosen

    def _field(self, doing: Doing) -> str:
        """Which field of a member says where to send."""
        if not doing.given.get("integration"):
            return EMAIL
        integration = wanted_integration(doing)
        if not _can_notify(integration):
            raise Refused(f"'{integration.name}' cannot send messages.")
        return str(getattr(registry.get(integration.connector_key), "member_field", EMAIL))


def _check_addresses(given: str, path: str) -> Iterator[Problem]:
    for address in (each.strip() for each in given.split(",")):
        if templates.names(address):
            continue
        try:
            validate_email(address)
        except ValidationError:
            yield Problem(path, f"'{address}' is no e-mail address.")


def _can_notify(integration: Integration) -> bool:
    return issubclass(registry.get(integration.connector_key), Notifies)


def _of_role(doing: Doing, field: str) -> Iterator[str]:
    """By e-mail those who log in; otherwise their members, which hold numbers and chats."""
    if not (role := doing.given.get("role")):
        return
    users = get_user_model().objects.filter(
        groups__name=role, memberships__organization=doing.organization, is_active=True
    )
    if field == EMAIL:
        yield from users.order_by("pk").values_list("email", flat=True)
    else:
        for member in Member.objects.filter(organization=doing.organization, user__in=users).order_by("pk"):
            yield _address(member, field)


def _of_member(doing: Doing, field: str) -> Iterator[str]:
    key = doing.text("member").strip()
    if not key:
        return
    try:
        member = Member.objects.filter(organization=doing.organization, pk=key).first()
    except (ValueError, ValidationError) as error:
        raise Refused(f"'{key}' is not the id of a member.") from error
    if member is not None:
        yield _address(member, field)


def _address(member: Member, field: str) -> str:
    return str(getattr(member, {"telegramId": "telegram_id"}.get(field, field), "") or "")


def _mail(doing: Doing, recipient: str, key: str) -> None:
    """The Message-ID is the same at every try, so mail programs show a repeated message once."""
    subject = doing.text("subject") or f"{doing.rule_name}: {doing.news.subject or doing.news.event}"
    message = EmailMessage(
        subject=" ".join(subject.split())[:200],
        body=doing.text("text"),
        to=[recipient],
        headers={"Message-ID": f"<{key.replace('@', '.at.')}@lockstep>"},
    )
    try:
        message.send()
    except OSError as error:  # smtplib's errors are of that kind too
        raise Transient(f"The mail server did not take the message: {error}") from error
