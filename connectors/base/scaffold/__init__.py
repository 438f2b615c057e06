"""The folder of a new connector: small, readable, and working against its own twin from its first minute.

Templates are `string.Template`s with `$key`, `$label` and `$name` (of classes).
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).parent
KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Template -> where it goes: below the connector's folder, or below that of its tests.
CONNECTOR = {
    "init.py.txt": "__init__.py",
    "connector.py.txt": "connector.py",
    "mapping.py.txt": "mapping.py",
    "sandbox.py.txt": "sandbox.py",
    "README.md.txt": "README.md",
}
TESTS = {"test_init.py.txt": "__init__.py", "test_mapping.py.txt": "test_mapping.py"}


class CannotScaffold(ValueError):
    """The key is no key, or is taken."""


def write(key: str, label: str, connectors: Path, tests: Path) -> list[Path]:
    """Writes `connectors/<key>` and `tests/<key>`, overwriting nothing. Returns the files.
    Raises `CannotScaffold`."""
    if not KEY.fullmatch(key) or key == "base":
        raise CannotScaffold(f"'{key}' cannot be a connector's key: use lower case letters, digits and single _.")
    folders = {connectors / key: CONNECTOR, tests / key: TESTS}
    if taken := next((folder for folder in folders if folder.exists()), None):
        raise CannotScaffold(f"{taken} exists already. Choose another name.")
    words = {"key": key, "label": label, "name": "".join(part.capitalize() for part in key.split("_"))}
    written = []
    for folder, templates in folders.items():
        folder.mkdir(parents=True)
        for template, target in templates.items():
            text = Template((TEMPLATES / template).read_text()).substitute(words)
            (folder / target).write_text(text)
            written.append(folder / target)
    return written
