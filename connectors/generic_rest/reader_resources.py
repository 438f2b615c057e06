"""One entry of `resources`: its paths and its calls."""

from __future__ import annotations

from typing import Any, cast

from . import config as c
from .grammar import Node
from .reader_paging import read_page

SETTINGS = ("settings.*",)
ID = ("id", "settings.*")
_KEYS = (
    "path", "id", "updated_at", "created_at", "deleted", "version", "record", "not_found", "stamp", "depends_on",
    "list", "get", "create", "update", "delete", "batch",
)  # fmt: skip


def read_resource(key: str, node: Node) -> c.ResourceConfig:
    node.only(*_KEYS)
    resource = c.ResourceConfig(
        key=key,
        path=_rooted(node, "path", node.template("path", SETTINGS, required=True)),
        id=node.json_path("id", "id"),
        updated_at=node.json_paths("updated_at"),
        created_at=node.json_paths("created_at"),
        record=node.json_path("record"),
        not_found=node.statuses("not_found", (404, 410)),
        deleted=_deleted(node),
        version=_version(node),
        stamp=node.json_paths("stamp"),
        depends_on=node.names("depends_on"),
        list=_list(node.section("list")),
        get=_get(node.maybe("get")),
        create=_create(node.maybe("create")),
        update=_update(node.maybe("update")),
        delete=_delete(node.maybe("delete")),
        list_ids=_list_ids(node.maybe("batch")),
    )
    _check_together(node, resource)
    return resource


def _list(node: Node) -> c.ListCall:
    node.only("verb", "path", "params", "body", "records", "ok", "page", "since", "deleted_params")
    verb = node.choice("verb", ("GET", "POST"), "GET")
    page = read_page(node.section("page"))
    if page.where == "body" and verb == "GET":
        node.fault("page.in", "can be body only where list.verb is POST.")
    return c.ListCall(
        verb=verb,
        path=_rooted(node, "path", node.template("path", SETTINGS)),
        params=node.params("params", SETTINGS),
        body=_body(node, "body"),
        records=node.json_path("records"),
        ok=node.statuses("ok"),
        page=page,
        since=_since(node.maybe("since")),
        deleted_params=node.params("deleted_params", SETTINGS) if node.has("deleted_params") else None,
    )


def _since(node: Node | None) -> c.SinceRule | None:
    if node is None:
        return None
    node.only("params", "headers", "format", "overlap", "lag", "inclusive", "client")
    rule = c.SinceRule(
        params=node.templates("params", ("since", "settings.*")),
        headers=node.templates("headers", ("since", "settings.*")),
        format=cast(c.StampFormat, node.choice("format", c.FORMATS, "iso_ms_z")),
        overlap=node.number("overlap", 2),
        lag=node.number("lag", 5),
        inclusive=node.flag("inclusive", True),
        client=node.flag("client", False),
    )
    asks = any("{since}" in template for template in (*rule.params.values(), *rule.headers.values()))
    if rule.client and asks:
        node.fault("client", "means that the API has no such filter; remove params and headers, or client.")
    elif not rule.client and not asks:
        node.fault("params", 'must hold {since} somewhere, as in {"updated_since": "{since}"}; or set client to true.')
    return rule


def _get(node: Node | None) -> c.GetCall | None:
    if node is None:
        return None
    node.only("path", "params")
    return c.GetCall(_one(node), node.params("params", SETTINGS))


def _create(node: Node | None) -> c.WriteCall | None:
    if node is None:
        return None
    node.only("verb", "path", "wrap", "ok", "body", "client_id", "returns", "id_from", "natural_key")
    returns = _returns(node)
    id_from = node.source("id_from") if node.text("id_from") != "Location" else "header:Location"
    return c.WriteCall(
        verb=node.choice("verb", ("POST", "PUT"), "POST"),
        path=_rooted(node, "path", node.template("path", ("settings.*",))),
        wrap=node.json_path("wrap"),
        ok=node.statuses("ok"),
        array=node.choice("body", ("object", "array"), "object") == "array",
        returns=returns,
        id_from=id_from or ("header:Location" if returns == "location" else ""),
        client_id="" if node.value.get("client_id") in (None, False) else node.json_path("client_id"),
        natural_key=node.json_paths("natural_key"),
    )


def _update(node: Node | None) -> c.WriteCall | None:
    if node is None:
        return None
    node.only("verb", "path", "wrap", "ok", "body", "partial", "returns")
    return c.WriteCall(
        verb=node.choice("verb", ("PATCH", "PUT", "POST"), "PATCH"),
        path=_one(node),
        wrap=node.json_path("wrap"),
        ok=node.statuses("ok"),
        array=node.choice("body", ("object", "array"), "object") == "array",
        returns=_returns(node),
        partial=node.flag("partial", True),
    )


def _delete(node: Node | None) -> c.DeleteCall | None:
    if node is None:
        return None
    node.only("verb", "path", "body", "ok", "kind")
    kind = cast(c.DeleteKind, node.choice("kind", ("hard", "soft", "archive", "none"), "hard"))
    verb = node.choice("verb", ("DELETE", "PATCH", "PUT", "POST"), "DELETE")
    if verb in ("PATCH", "PUT") and not node.has("body"):
        node.fault("body", f'is required where verb is {verb}: what marks the record, such as {{"archived": true}}.')
    return c.DeleteCall(verb, _one(node), _body(node, "body"), node.statuses("ok"), kind)


def _list_ids(node: Node | None) -> c.ListIds | None:
    if node is None:
        return None
    for key in ("create", "update"):
        if node.has(key):
            node.fault(key, "is not offered: records are written one by one, each with its own outcome. Remove it.")
    node.only("list_ids", "create", "update")
    ids = node.maybe("list_ids")
    if ids is None:
        return None
    ids.only("param", "max")
    return c.ListIds(ids.text("param", required=True), ids.number("max", 50, least=2, most=1000))


def _returns(node: Node) -> c.Returns:
    return cast(c.Returns, node.choice("returns", ("record", "id", "location", "nothing"), "record"))


def _deleted(node: Node) -> c.DeletedMark | None:
    mark = node.maybe("deleted")
    if mark is None:
        return None
    mark.only("path", "in")
    return c.DeletedMark(mark.json_path("path", required=True), mark.values("in"))


def _version(node: Node) -> c.VersionRule | None:
    """`"header:ETag"`, or {"read": "rev", "send": "body:rev"}. A header alone is sent back as If-Match."""
    value = node.value.get("version")
    if value is None:
        return None
    if isinstance(value, str):
        read, send = node.source("version"), "header:If-Match"
    else:
        rule = node.section("version")
        rule.only("read", "send")
        read, send = rule.source("read"), rule.text("send", "header:If-Match")
    if not read:
        node.fault("version", "must say where the version is read, such as header:ETag.")
    if not send.startswith(("header:", "body:")) or send.endswith(":"):
        node.fault("version.send", "must be header:Name or body:path.")
    return c.VersionRule(read, send)


def _body(node: Node, key: str) -> dict[str, Any] | None:
    return dict(node.section(key).value) if node.has(key) else None


def _one(node: Node) -> str:
    path = _rooted(node, "path", node.template("path", ID, "/{id}"))
    if "{id}" not in path:
        node.fault("path", "must hold {id}.")
    return path


def _rooted(node: Node, key: str, path: str) -> str:
    if path and not path.startswith("/"):
        node.fault(key, f"must begin with a slash, as in /{path.split('://')[-1]}.")
    return path


def _check_together(node: Node, resource: c.ResourceConfig) -> None:
    since = resource.list.since
    if since and not since.client and not resource.updated_at:
        node.fault("updated_at", "is required with list.since: the cursor is the greatest stamp seen in the rows.")
    writes = [name for name in ("create", "update", "delete") if getattr(resource, name) is not None]
    if writes and resource.get is None:
        node.fault("get", f"is required with {writes[0]}: a write is confirmed by reading. {{}} means GET path/{{id}}.")
    create = resource.create
    if create and create.returns in ("id", "location") and not create.id_from and create.returns == "location":
        node.fault("create.id_from", "is required where create returns a location.")
    if create and create.natural_key and create.client_id:
        node.fault("create.natural_key", "is not needed beside client_id; remove one of them.")
