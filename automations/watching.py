"""Which types of records rules and webhooks watch: asked at every write, answered by one statement."""

from __future__ import annotations

from django.db import connection

_WATCHED = """
SELECT EXISTS (SELECT 1 FROM automations_rule WHERE organization_id = %(organization)s AND resource_type = %(key)s
    AND enabled AND event <> 'schedule')
  OR EXISTS (SELECT 1 FROM automations_hook WHERE organization_id = %(organization)s AND status = 'ACTIVE'
    AND events && ARRAY['*', %(key)s || '.*', %(key)s || '.created', %(key)s || '.updated', %(key)s || '.deleted',
        %(key)s || '.restored']::varchar[])
"""


def watched(organization_id: str, key: str) -> bool:
    """Does a rule or a webhook of that organization wait for changes of that type?"""
    with connection.cursor() as cursor:
        cursor.execute(_WATCHED, {"organization": organization_id, "key": key})
        return bool(cursor.fetchone()[0])
