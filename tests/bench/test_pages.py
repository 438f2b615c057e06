"""Every main page costs a bounded number of statements, the same on an installation of twice the size."""

from __future__ import annotations

import pytest

from integrations.models import IntegrationMapping, SyncLog
from sync_engine.bench import pages, pages_world
from sync_engine.bench.stage import clear

MOST = 45


@pytest.fixture
def few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_world, "DAYS", 2)
    monkeypatch.setattr(pages_world, "RUN_DAYS", 4)


def statements(links: int) -> dict[str, int]:
    world = pages_world.fill(links, 10 * links)
    assert IntegrationMapping.objects.count() == links + 1
    assert SyncLog.objects.count() == 10 * links + 1
    found = {one.page: one.statements for one in pages.measure(world)}
    clear()
    return found


@pytest.mark.django_db(transaction=True)
def test_pages_cost_the_same_statements_at_any_size(few_days: None) -> None:
    small, large = statements(400), statements(800)
    assert large == small
    assert {page: number for page, number in small.items() if number > MOST} == {}
