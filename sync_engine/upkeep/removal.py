"""Removes an organization with everything that belongs to it, for the demo and the bench, whose organizations are made
anew each time. Set-based, and from the catalog of the database, so that a new table needs no line here."""

from __future__ import annotations

from django.db import connection, transaction

_CHILDREN = """
    SELECT child.relname, field.attname, parent.relname
    FROM pg_constraint AS key
    JOIN pg_class AS child ON child.oid = key.conrelid
    JOIN pg_class AS parent ON parent.oid = key.confrelid
    JOIN pg_attribute AS field ON field.attrelid = key.conrelid AND field.attnum = key.conkey[1]
    WHERE key.contype = 'f' AND key.connamespace = current_schema()::regnamespace
"""
_OWNED = """
    SELECT columns.table_name FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND column_name = %s
"""
_OF = {
    "organization_id": "organization_id = %s",
    "integration_id": "integration_id IN (SELECT id FROM integrations_integration WHERE organization_id = %s)",
}


def remove_organization(organization_id: str) -> None:
    """Rows of its integrations, its own rows, then itself. Constraints are looked at when all is gone."""
    owned = {column: _tables(column) for column in _OF}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(_CHILDREN)
        for child, field, parent in cursor.fetchall():
            owner = next((column for column in _OF if parent in owned[column]), None)
            if owner is not None and not any(child in tables for tables in owned.values()):
                inside = f'SELECT id FROM "{parent}" WHERE {_OF[owner]}'
                cursor.execute(f'DELETE FROM "{child}" WHERE "{field}" IN ({inside})', [organization_id])
        for column in ("integration_id", "organization_id"):
            last = ("integrations_integration", "integrations_jobexecution")
            for table in sorted(owned[column], key=lambda name: (name in last, name)):
                cursor.execute(f'DELETE FROM "{table}" WHERE {_OF[column]}', [organization_id])
        cursor.execute("DELETE FROM records_organization WHERE id = %s", [organization_id])


def _tables(column: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_OWNED, [column])
        return {row[0] for row in cursor.fetchall()}
