"""Keyset pages: every row once, back and forth, whatever the address says."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from console.paging import KeysetPage, paged
from records.models import Organization
from tests.records.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
KEY = ("name", "pk")


def page(query: str = "") -> KeysetPage:
    return paged(Organization.objects.all(), QueryDict(query.lstrip("?")), key=KEY, size=2)


def names(shown: KeysetPage) -> list[str]:
    return [one.name for one in shown]


def test_pages_cover_every_row_once_in_both_directions() -> None:
    for name in ("a", "b", "b", "c", "d"):
        OrganizationFactory(name=name)
    first = page("status=X")
    second = page(first.older)
    third = page(second.older)
    assert [names(one) for one in (first, second, third)] == [["d", "c"], ["b", "b"], ["a"]]
    assert (first.newer, third.older) == ("", "")
    assert [one.pk for one in page(third.newer)] == [one.pk for one in second]
    back = page(page(third.newer).newer)
    assert (names(back), back.newer) == (["d", "c"], "")
    assert "status=X" in second.newer


@pytest.mark.parametrize("query", ["before=x", "before=a~nonsense", "after=~~~", "before=%00~1"])
def test_a_key_that_is_none_shows_the_first_page(query: str) -> None:
    OrganizationFactory(name="a")
    assert names(page(query)) == ["a"]
