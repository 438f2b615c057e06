"""Addresses of jobs and boards. The same records answer under `records/{type}` as every other type does."""

from __future__ import annotations

from django.urls import URLPattern, path

from jobs_boards.api.items import ITEM_DOORS
from jobs_boards.api.jobs import StateChanges
from records import catalog
from records.api.records import addresses_of

PLACES = {
    "job": "jobs",
    "job_status": "job-statuses",
    "board": "boards",
    "board_group": "board-groups",
    "board_column": "board-columns",
    "employee": "employees",
    "crew_member": "crew-members",
    "sales_person": "sales-people",
    "branch": "branches",
    "business_unit": "business-units",
}


def _addresses() -> list[URLPattern]:
    found = [
        address for key, place in PLACES.items() for address in addresses_of(catalog.get(key), place, tag="jobs-boards")
    ]
    found += addresses_of(catalog.get("item"), "items", tag="jobs-boards", doors=ITEM_DOORS)
    return found


urlpatterns = [*_addresses(), path("jobs/<uuid:record_id>/state-changes", StateChanges.as_view())]
