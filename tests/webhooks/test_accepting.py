"""Deliveries that come at the same time are stored by one statement, each as if it had come alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection

from connectors.base.http import HttpRequest
from connectors.base.records import Event
from integrations.models import ExternalChange, Integration, WebhookDelivery
from integrations.webhooks import accepting
from integrations.webhooks.deliveries import Stored
from integrations.webhooks.judging import Judgement, Verdict
from integrations.webhooks.together import Together
from tests.webhooks.scene import Hooked, now

BODY = bytes(range(256))


def judged(key: str, *contacts: str) -> Judgement:
    return Judgement(Verdict.ACCEPTED, events=tuple(Event("contact", one, "changed") for one in contacts), key=key)


def delivery(integration: UUID, key: str, *contacts: str) -> accepting._Delivery:
    call, judgement = HttpRequest("POST", "", {"X-Some": 'a "b" \\'}, BODY), judged(key, *contacts)
    return accepting._delivery(integration, call, "192.0.2.7", judgement, now())


def test_a_group_is_kept_as_it_came(hooked: Hooked) -> None:
    pk = hooked.integration.pk
    stored = accepting._stored([delivery(pk, "a", "1", "2"), delivery(pk, "b", "2"), delivery(pk, "c")])
    found = {one.key: one for one in WebhookDelivery.objects.all()}
    assert [one and one.id for one in stored] == [found[key].pk for key in "abc"]
    assert {(bytes(one.body), one.headers["X-Some"], one.source_ip) for one in found.values()} == {
        (BODY, 'a "b" \\', "192.0.2.7")
    }
    assert {key: found[key].status for key in "abc"} == {"a": "QUEUED", "b": "QUEUED", "c": "IGNORED"}
    assert {one.external_id: one.generation for one in ExternalChange.objects.all()} == {"1": 1, "2": 2}


def test_a_record_that_two_of_the_group_speak_of_is_nobodys_alone(hooked: Hooked) -> None:
    """Who applies a payload at once takes the record off the queue only at generation 1."""
    pk = hooked.integration.pk
    first, second = accepting._stored([delivery(pk, "a", "1", "2"), delivery(pk, "b", "2")])
    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert {one.external_id: one.generation for one in first.queued} == {"1": 1, "2": 2}
    assert {one.external_id: one.generation for one in second.queued} == {"2": 2}


def test_the_same_twice_in_a_group_is_one(hooked: Hooked) -> None:
    pk = hooked.integration.pk
    first, again = accepting._stored([delivery(pk, "a", "1"), delivery(pk, "a", "1")])
    assert (first is not None, again, WebhookDelivery.objects.count()) == (True, None, 1)
    assert ExternalChange.objects.get().generation == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_a_removed_integration_fails_no_other(hooked: Hooked) -> None:
    together = Together(accepting._stored)
    group = [
        delivery(hooked.integration.pk, "a", "1"),
        delivery(uuid4(), "b", "2"),
        delivery(hooked.integration.pk, "c"),
    ]
    with pytest.raises(IntegrityError):
        accepting._stored(group)
    assert WebhookDelivery.objects.count() == 0

    def ask(one: accepting._Delivery) -> bool:
        try:
            return together.ask(one) is not None
        except IntegrityError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(ask, group)) == [True, False, True]
    assert sorted(WebhookDelivery.objects.values_list("key", flat=True)) == ["a", "c"]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_meanwhile_is_made_anew(hooked: Hooked) -> None:
    """PostgreSQL was restarted while nobody called; the first caller after it should not notice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_ended, backend).result()
    stored = accepting.accept(hooked.integration.pk, HttpRequest("POST", "", {}, BODY), "", judged("a", "1"), now())
    assert (stored.repeated, len(stored.queued)) == (False, 1)


def _ended(backend: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_an_integration_that_was_removed_a_moment_ago_is_not_found(hooked: Hooked) -> None:
    assert hooked.post(b'{"event":"contact.updated","data":{"id":"1"}}').status_code == 200
    WebhookDelivery.objects.all().delete()
    ExternalChange.objects.all().delete()
    with connection.cursor() as cursor:  # by another process
        cursor.execute("DELETE FROM integrations_fieldmapping WHERE integration_id = %s", [hooked.integration.pk])
        cursor.execute("DELETE FROM integrations_integration WHERE id = %s", [hooked.integration.pk])
    assert not Integration.objects.filter(pk=hooked.integration.pk).exists()
    assert hooked.post(b'{"event":"contact.updated","data":{"id":"2"}}').status_code == 404
