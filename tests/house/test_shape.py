"""How the code looks: short files and functions, documented, no swallowed errors, nothing of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import FLOORS, ROOT, python, tracked, tree

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
TEXT = {".py", ".md", ".toml", ".txt", ".cfg", ".html", ".json", ".yaml", ".yml", ".sh", ""}
# Written in pieces, so that this file does not hold what it looks for.
MACHINE = re.compile(
    "|".join(
        [
            "/" + "work/",
            "/" + "root/",
            "/" + "home/[a-z]",
            "/" + "Users/[a-z]",
            r"py" + r"pi\.",
            r"registry\.[a-z-]+" + r"\.(?:org|io|com|net)",
        ]
    )
)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_files_are_short() -> None:
    sizes = {path: len((ROOT / path).read_text().splitlines()) for path in python(*FLOORS, "tests")}
    assert {path: size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = [
        f"{path}:{function.lineno} {function.name}"
        for path in python()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_error_is_swallowed() -> None:
    swallowed = [
        f"{path}:{node.lineno}"
        for path in python()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _catches_all_and_passes(node))
    ]
    assert swallowed == []


def _catches_all_and_passes(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is not None and ast.unparse(handler.type) in ("Exception", "BaseException")
    return broad and all(isinstance(line, ast.Pass) for line in handler.body)


def test_public_classes_are_documented() -> None:
    bare = [
        f"{path}:{node.lineno} {node.name}"
        for path in python()
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not _explains_itself(path, node)
    ]
    assert bare == []


def _explains_itself(path: Path, node: ast.ClassDef) -> bool:
    """Has a docstring, or its module's docstring speaks for it: the file's one class, an enumeration (its
    members are its documentation) or a short member of a family."""
    if ast.get_docstring(node):
        return True
    alone = sum(isinstance(line, ast.ClassDef) and not line.name.startswith("_") for line in tree(path).body) == 1
    enumeration = any(ast.unparse(base).endswith(("Choices", "Enum")) for base in node.bases)
    spoken_for = alone or enumeration or len(node.body) <= 3
    admin = path.name in ("apps.py", "admin.py") or path.parent.name == "admin"
    return admin or (spoken_for and bool(ast.get_docstring(tree(path))))


def test_nothing_names_a_machine() -> None:
    named = [
        f"{path}:{number} {line.strip()[:100]}"
        for path in tracked()
        if path.suffix in TEXT and path.parts[0] != "docs"
        for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert named == []
