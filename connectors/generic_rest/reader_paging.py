"""The `list.page` section: which keys each kind needs."""

from __future__ import annotations

from typing import Literal, cast

from .config import PAGE_KINDS, PageKind, PageRule
from .grammar import Node

# kind -> (required, optional)
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "none": ((), ()),
    "page": (("param",), ("first", "size_param", "size", "next", "pages", "total")),
    "offset": (("param",), ("size_param", "size", "total")),
    "cursor": (("param", "next"), ("in", "more", "size_param", "size")),
    "link": ((), ("rel", "size_param", "size")),
    "next_url": (("next",), ("size_param", "size")),
    "keyset": (("params",), ("more", "size_param", "size")),
}


def read_page(node: Node) -> PageRule:
    kind = node.choice("kind", PAGE_KINDS, "none")
    if kind == "none" != node.value.get("kind", "none"):
        return PageRule()  # an unknown kind: what else is said cannot be judged
    required, optional = _KEYS[kind]
    node.only("kind", *required, *optional)
    for key in required:
        if not node.has(key):
            node.fault(key, f"is required where kind is {kind}.")
    told = [key for key in ("next", "pages", "total") if kind == "page" and node.has(key)]
    if len(told) > 1:
        node.fault(told[1], f"is one end too many: {told[0]} already says where the listing ends.")
    return PageRule(
        kind=cast(PageKind, kind),
        param=node.text("param"),
        first=node.number("first", 1, most=1),
        size_param=node.text("size_param"),
        size=node.number("size", 100, least=1, most=10_000),
        next=node.source("next") if kind == "cursor" else node.json_path("next"),
        pages=node.json_path("pages"),
        total=node.json_path("total"),
        more=node.json_path("more"),
        rel=node.text("rel", "next"),
        where=cast(Literal["query", "body"], node.choice("in", ("query", "body"), "query")),
        params=_last(node) if kind == "keyset" else {},
    )


def _last(node: Node) -> dict[str, str]:
    params = node.templates("params", ("last.*", "settings.*"))
    if node.has("params") and not any("{last." in template for template in params.values()):
        node.fault("params", 'must name the last row, as in {"starting_after": "{last.id}"}.')
    return params
