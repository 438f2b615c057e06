from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.base import stamps

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SPELLINGS = [
    "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00.0000000Z", "2026-01-31T14:00:00+02:00",
    "2026-01-31T12:00:00", "2026-01-31 12:00:00", 1769860800, 1769860800000, "1769860800", "1769860800000",
    1769860800.0, "Sat, 31 Jan 2026 12:00:00 GMT", "/Date(1769860800000+0000)/", NOON,
]  # fmt: skip


@pytest.mark.parametrize("value", SPELLINGS)
def test_one_moment_many_spellings(value):
    assert stamps.parse(value) == NOON


def test_empty_days_and_zones():
    assert stamps.parse(None) is stamps.parse("") is None
    assert stamps.parse("2026-01-31") == NOON.replace(hour=0)
    assert stamps.parse("2026-01-31 07:00:00", ZoneInfo("America/New_York")) == NOON


@pytest.mark.parametrize("value", ["soon", "2026-13-01", True, {}, "9" * 30])
def test_no_moment(value):
    with pytest.raises(ValueError, match="not a moment"):
        stamps.parse(value)


@pytest.mark.parametrize("name", [name for name in stamps.FORMATS if name != "date"])
def test_every_format_is_read_back(name):
    assert stamps.parse(stamps.FORMATS[name](NOON)) == NOON
