"""Every provider's folder has its files; the README's support matrix is the one that the code gives."""

from __future__ import annotations

import re

import pytest

from connectors.base.matrix import matrix
from connectors.base.registry import registry
from tests.house.source import ROOT, providers

MATRIX = re.compile(r"<!-- matrix -->\n(.*?)<!-- /matrix -->", re.DOTALL)


@pytest.mark.parametrize("provider", providers())
@pytest.mark.parametrize("file", ["connector.py", "mapping.py", "README.md"])
def test_a_provider_has_its_files(provider: str, file: str) -> None:
    assert (ROOT / "connectors" / provider / file).is_file()


@pytest.mark.parametrize("provider", providers())
def test_a_provider_has_its_twin(provider: str) -> None:
    folder = ROOT / "connectors" / provider
    assert (folder / "sandbox.py").is_file() or (folder / "sandbox" / "__init__.py").is_file()


def test_the_support_matrix_of_the_readme_is_made_from_code() -> None:
    written = MATRIX.search((ROOT / "README.md").read_text())
    assert written, "README.md has no support matrix"
    assert written[1] == matrix(registry.all())
