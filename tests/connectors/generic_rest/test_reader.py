"""What a configuration must be, and what a person is told when it is not."""

import pytest

from connectors.base.errors import ConfigError
from connectors.generic_rest.presets import names, preset
from connectors.generic_rest.reader import check, read

from .helpers import document, listed


@pytest.mark.parametrize("name", names())
def test_presets_are_valid(name):
    assert check(preset(name)) == []


def test_an_unknown_preset_names_the_known():
    with pytest.raises(KeyError, match="directus"):
        preset("drupal")


FAULTS = [
    ([], "", "must be an object, not a list"),
    ({}, "resources", "at least one resource type"),
    (document(version=2), "version", "must be 1"),
    (document(base_url="api.example.com"), "base_url", "whole address"),
    (document(base_url="https://u:p@api.example.com"), "base_url", "must not hold credentials"),
    (document(auth={"kind": "digest"}), "auth.kind", "choose one of none, bearer"),
    (document(auth={"kind": "header", "name": "X"}), "auth.value", "is required"),
    (document({"lst": {}}), "resources.task.lst", "is not a known key"),
    (document({"path": "tasks"}), "resources.task.path", "must begin with a slash"),
    (document({"id": "a..b"}), "resources.task.id", "cannot be read at character"),
    (document({"get": None}), "resources.task.get", "is required with create"),
    (document({"get": {"path": "/one"}}), "resources.task.get.path", "must hold {id}"),
    (document({"create": {"ok": [20]}}), "resources.task.create.ok", "list of HTTP statuses"),
    (document({"delete": {"verb": "PATCH"}}), "resources.task.delete.body", "is required where verb is PATCH"),
    (document({"batch": {"create": {"max": 5}}}), "resources.task.batch.create", "one by one"),
    (document({"version": {"read": "rev", "send": "rev"}}), "resources.task.version.send", "header:Name or body:path"),
    (document({"deleted": {"path": "gone"}}), "resources.task.deleted.in", "at least one value"),
    (document({"depends_on": ["contact"]}), "resources.task.depends_on", "not described under resources"),
    (listed(params={"key": "{token}"}), "resources.task.list.params.key", "Credentials belong in auth"),
    (listed(params={"a": "{settings.x"}), "resources.task.list.params.a", "no expressions"),
    (listed(page={"kind": "pages"}), "resources.task.list.page.kind", "choose one of none, page"),
    (
        listed(page={"kind": "cursor", "param": "c"}),
        "resources.task.list.page.next",
        "is required where kind is cursor",
    ),
    (
        listed(page={"kind": "page", "param": "p", "next": "n", "total": "t"}),
        "resources.task.list.page.total",
        "one end too many",
    ),
    (listed(page={"kind": "keyset", "params": {"a": "b"}}), "resources.task.list.page.params", "the last row"),
    (
        listed(page={"kind": "cursor", "param": "c", "next": "n", "in": "body"}),
        "resources.task.list.page.in",
        "list.verb is POST",
    ),
    (listed(since={"params": {"s": "x"}}), "resources.task.list.since.params", "must hold {since}"),
    (listed(since={"params": {"s": "{since}"}, "client": True}), "resources.task.list.since.client", "no such filter"),
    (listed(since={"params": {"s": "{since}"}, "format": "unix"}), "resources.task.list.since.format", "epoch_s"),
    (
        document({"updated_at": None, "list": {"since": {"params": {"s": "{since}"}}}}),
        "resources.task.updated_at",
        "is required with list.since",
    ),
    (document(rate={"per_second": 0}), "rate.per_second", "above 0"),
    (document(rate={"reset": {"header": "X", "unit": "min"}}), "rate.reset.unit", "epoch_ms"),
    (document(dates={"zone": "Mars/Base"}), "dates.zone", "not a time zone"),
    (document(webhook={"kind": "hmac", "signed": "{timestamp}.{body}"}), "webhook.timestamp", "is required"),
    (document(webhook={"kind": "static", "header": "X", "record": "data"}), "webhook.record", "cannot be trusted"),
    (document(webhook={"kind": "hmac", "challenge": "yes"}), "webhook.challenge", "echo_json:field"),
    (document(webhook={"kind": "hmac", "resource": {"x": "contact"}}), "webhook.resource.x", "not described"),
]


@pytest.mark.parametrize(("config", "path", "sentence"), FAULTS, ids=[path or "document" for _, path, _ in FAULTS])
def test_a_fault_is_named_with_its_path(config, path, sentence):
    found = [problem for problem in check(config) if problem.path == path]
    assert found, check(config)
    assert sentence in found[0].sentence


def test_all_faults_come_in_one_error():
    with pytest.raises(ConfigError) as raised:
        read(document({"id": "a..b", "lst": {}}, version=3))
    assert len(raised.value.message.splitlines()) == 3
    assert raised.value.message.startswith("version: must be 1")
