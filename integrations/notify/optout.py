"""Ending and taking up mail about a topic, by the signed link in each message."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core import signing

from integrations.alerts.words import Topic
from integrations.models import NotificationOptOut

SALT = "integrations.notify.optout"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whose mail about what."""

    user: User
    topic: Topic

    @property
    def active(self) -> bool:
        return not NotificationOptOut.objects.filter(user=self.user, topic=self.topic).exists()


def token_of(user: User, topic: str) -> str:
    """Does not expire: a link in an old mail must work."""
    return signing.dumps([user.pk, topic], salt=SALT)


def read(token: str) -> Subscription | None:
    """None for a token that is not ours, or whose user is gone."""
    try:
        pk, topic = signing.loads(token, salt=SALT)
        return Subscription(User.objects.get(pk=pk), Topic(topic))
    except (signing.BadSignature, User.DoesNotExist, ValueError):
        return None


def end(subscription: Subscription) -> None:
    NotificationOptOut.objects.get_or_create(user=subscription.user, topic=subscription.topic)


def take_up(subscription: Subscription) -> None:
    NotificationOptOut.objects.filter(user=subscription.user, topic=subscription.topic).delete()
