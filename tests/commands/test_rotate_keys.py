"""`rotate_keys`, and what encryption at rest promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.db import connection
from fernet_fields import EncryptedField

from automations.models import Hook
from integrations.models import Integration
from integrations.rotation import columns
from tests.commands.run import run
from tests.records.factories import OrganizationFactory

SECRET = "s3cret-token-of-asana"


def forget_keys() -> None:
    for model, name in columns():
        field = model._meta.get_field(name)
        for cached in ("keys", "fernet_keys", "fernet"):
            field.__dict__.pop(cached, None)


@pytest.fixture
def keys(settings: Any) -> Iterator[Any]:
    """Call with the keys that are in force from now on."""

    def use(*names: str) -> None:
        settings.FERNET_KEYS = settings.ENCRYPTION_KEYS = list(names)
        forget_keys()

    use("old")
    yield use
    forget_keys()


@pytest.fixture
def integration(db: None, keys: Any) -> Integration:
    return Integration.objects.create(
        organization=OrganizationFactory(), name="Asana", type="ASANA", base_url="https://example.com",
        auth_type="BEARER_TOKEN", credentials={"token": SECRET}, webhook_secret={"current": SECRET},
    )  # fmt: skip


def stored(column: str = "credentials") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM integrations_integration")
        return bytes(cursor.fetchone()[0])


def test_every_encrypted_field_is_found() -> None:
    assert {(Integration, "credentials"), (Integration, "webhook_secret"), (Hook, "url")} <= set(columns())
    assert all(isinstance(model._meta.get_field(name), EncryptedField) for model, name in columns())


def test_the_database_never_holds_the_plain_secret(integration: Integration) -> None:
    assert SECRET.encode() not in stored() + stored("webhook_secret")
    assert Integration.objects.get().credentials == {"token": SECRET}


def test_a_wrong_key_raises_and_hands_nothing_out(integration: Integration, keys: Any) -> None:
    keys("another")
    with pytest.raises(InvalidToken):
        Integration.objects.get()


def test_after_a_rotation_the_new_key_is_enough(integration: Integration, keys: Any) -> None:
    keys("new", "old")
    said = run("rotate_keys")
    assert said.status == 0
    assert "2 secret(s) are now encrypted with the first key" in said.out
    keys("new")
    assert Integration.objects.get().webhook_secret == {"current": SECRET}
    keys("old")
    with pytest.raises(InvalidToken):
        Integration.objects.get()


def test_a_row_that_no_key_opens_is_named_and_left(integration: Integration, keys: Any) -> None:
    before = stored()
    keys("lost")
    Integration.objects.create(
        organization=integration.organization, name="Mine", type="ASANA", base_url="https://example.com",
        auth_type="BEARER_TOKEN", credentials={"token": "b"},
    )  # fmt: skip
    said = run("rotate_keys")
    assert said.status == 1
    assert f"No key of ENCRYPTION_KEY opens the credentials of integration {integration.pk}" in said.err
    assert "2 secret(s)" in said.out
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM integrations_integration WHERE id = %s", [integration.pk])
        assert bytes(cursor.fetchone()[0]) == before
    assert SECRET not in said.out + said.err
