"""The OpenAPI document and the pages made of it."""

from __future__ import annotations

from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from rest_framework.test import APIClient

from records import catalog


def test_the_schema_is_made_without_a_warning() -> None:
    said = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=said)
    paths = yaml.safe_load(said.getvalue())["paths"]
    assert "/api/admin/integrations/conflicts/{conflict_id}/resolve" in paths
    assert {f"/api/records/{one.key}" for one in catalog.all_types()} <= set(paths)


@pytest.mark.django_db
def test_the_docs_need_nothing_from_elsewhere() -> None:
    page = APIClient().get("/api/docs/")
    assert page.status_code == 200
    assert b"//cdn" not in page.content
    assert b"https://" not in page.content
    assert APIClient().get("/api/schema/").status_code == 200
