"""The tracked source, as the rules of the house read it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = (
    "config",
    "console",
    "automations",
    "sync_engine",
    "conflicts",
    "integrations",
    "jobs_boards",
    "records",
    "connectors",
)
KIT = "base"


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository, relative, those that are new and not ignored included."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listing.stdout.splitlines() if (ROOT / (path := Path(line))).is_file())


def python(*folders: str) -> list[Path]:
    """Python files below the folders (all floors where none is named), migrations left out."""
    wanted = [Path(folder).parts for folder in folders or FLOORS]
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and any(path.parts[: len(parts)] == parts for parts in wanted)
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of every import, `from a import b` giving `a.b`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.parent.parts[: len(path.parent.parts) - node.level + 1] if node.level else ()
            start = ".".join([*package, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name as written) of every call of a name or of an attribute of a name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def providers() -> list[str]:
    """Folders of `connectors/` that hold a `connector.py`."""
    return sorted({path.parts[1] for path in tracked() if path.match("connectors/*/connector.py")} - {KIT})


def within(name: str, *modules: str) -> bool:
    return any(name == module or name.startswith(module + ".") for module in modules)
