"""What all tests share: how hard properties are tried, and a word on the providers' specifications."""

from __future__ import annotations

import os

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.data_too_large)
hypothesis_settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=SLOW_IS_FINE)
hypothesis_settings.register_profile(
    "ci", max_examples=100, deadline=None, suppress_health_check=SLOW_IS_FINE, derandomize=True, print_blob=True
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def _specifications() -> str:
    if settings.SPECS_DIR.is_dir():
        return f"provider specifications: {settings.SPECS_DIR}"
    return f"PROVIDER SPECIFICATIONS ARE MISSING: {settings.SPECS_DIR} is no directory, set SPECS_DIR"


def pytest_report_header() -> str:
    return _specifications()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With -q there is no header, so it is said at the end too."""
    terminalreporter.write_line(_specifications())
