"""Re-encrypts secrets with the first of the keys; what no key opens is named and left as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model
from fernet_fields import EncryptedField, hkdf
from psycopg import sql

BATCH = 500


@dataclass
class Rotation:
    """`locked` names the values that no key opens, `moved` those that somebody wrote meanwhile (with the
    first key, so nothing is left to do)."""

    rotated: int = 0
    moved: int = 0
    locked: list[str] = field(default_factory=list)


def rotate() -> Rotation:
    """Every encrypted column of every model. The running workers must know all keys already."""
    done = Rotation()
    keys = [Fernet(hkdf.derive_fernet_key(key)) for key in settings.ENCRYPTION_KEYS]
    for model, column in columns():
        for pk, token in _tokens(model, column):
            _rotate_one(MultiFernet(keys), model, column, pk, token, done)
    return done


def columns() -> list[tuple[type[Model], str]]:
    return [
        (model, column.attname)
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, EncryptedField)
    ]


def _rotate_one(keys: MultiFernet, model: type[Model], column: str, pk: Any, token: bytes, done: Rotation) -> None:
    try:
        fresh = keys.rotate(token)
    except InvalidToken:
        done.locked.append(f"{column} of {model._meta.verbose_name} {pk}")
        return
    # Only over what was read: a token refreshed in between is newer than ours.
    query = sql.SQL("UPDATE {table} SET {column} = %s WHERE {pk} = %s AND {column} = %s")
    with connection.cursor() as cursor:
        cursor.execute(_named(query, model, column), [fresh, pk, token])
        done.rotated += cursor.rowcount
        done.moved += 1 - cursor.rowcount


def _tokens(model: type[Model], column: str) -> Iterator[tuple[Any, bytes]]:
    """(primary key, ciphertext), a batch of rows at a time."""
    ids = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
    query = sql.SQL("SELECT {pk}, {column} FROM {table} WHERE {pk} = ANY(%s) AND {column} IS NOT NULL")
    for start in range(0, len(ids), BATCH):
        with connection.cursor() as cursor:
            cursor.execute(_named(query, model, column), [ids[start : start + BATCH]])
            rows = cursor.fetchall()
        yield from ((pk, bytes(token)) for pk, token in rows)


def _named(query: sql.SQL, model: type[Model], column: str) -> sql.Composed:
    pk = str(model._meta.pk.column)
    return query.format(
        table=sql.Identifier(model._meta.db_table), column=sql.Identifier(column), pk=sql.Identifier(pk)
    )
