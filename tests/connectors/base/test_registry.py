import sys

import pytest

from connectors.base.connector import Connector
from connectors.base.errors import ConfigError
from connectors.base.matrix import matrix
from connectors.base.registry import DuplicateKey, Registry, offer_folders

from .test_rest import Shop

SOURCE = """
from connectors.base.connector import Connector
from tests.connectors.base.test_registry import current
@current[0].register
class Made(Connector):
    key = {key!r}
    label = "Made"
"""
current: list[Registry] = []


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of providers on disk; `package(name)` adds one."""
    monkeypatch.syspath_prepend(str(tmp_path))
    root = tmp_path / f"kit_{tmp_path.name}"
    root.mkdir()
    (root / "__init__.py").write_text("")

    def add(name, key=None):
        (root / name).mkdir()
        (root / name / "connector.py").write_text(SOURCE.format(key=key or name))
        return f"{root.name}.{name}.connector"

    add.root = root
    return add


def fresh(*args):
    current[:] = [Registry(*args)]
    return current[0]


def test_a_folder_is_known_at_once_and_imported_when_asked_for(package):
    registry = fresh()
    one, two = package("one"), package("two")
    offer_folders(package.root, package.root.name, registry)
    assert registry.keys() == ["one", "two"]
    assert {one, two}.isdisjoint(sys.modules)
    assert registry.get("two").key == "two"
    assert one not in sys.modules
    assert [each.key for each in registry.all()] == ["one", "two"]


def test_an_entry_point_and_an_app_are_found(package):
    entry, app = package("entry"), package("app", key="boards")
    registry = fresh(lambda: [("entry", entry)])
    registry.offer_app(app)
    assert registry.get("entry").key == "entry"
    assert app not in sys.modules
    assert registry.get("boards").key == "boards"
    assert registry.keys() == ["boards", "entry"]


def test_a_double_key_is_refused(package):
    registry = fresh()
    registry.offer("one", "a.connector")
    with pytest.raises(DuplicateKey):
        registry.offer("one", "b.connector")
    registry.register(Shop)
    with pytest.raises(DuplicateKey):
        registry.register(type("Other", (Connector,), {"key": "shop", "label": "x"}))


def test_an_unknown_key_lists_what_there_is():
    registry = fresh()
    registry.register(Shop)
    with pytest.raises(ConfigError, match="no connector 'nope'; there are shop"):
        registry.get("nope")


def test_the_matrix_is_made_from_the_class():
    assert "| Shop | task | yes | yes |  |  |  |  | none |" in matrix([Shop]).splitlines()
