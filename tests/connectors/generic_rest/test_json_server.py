"""The json-server preset against the real thing, where node and npm are at hand."""

import os
import shutil
import subprocess
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base.context import Context
from connectors.base.errors import NotFound
from connectors.base.sandbox.ports import SystemClock
from connectors.base.sandbox.server import free_port
from connectors.generic_rest.connector import GenericRestConnector
from connectors.generic_rest.presets import preset
from connectors.generic_rest.probe import probe

from .helpers import ids

PACKAGE = "json-server@0.17.4"
ROWS = [{"id": str(n), "title": f"Task {n}", "updated_at": f"2026-01-01T00:00:{n:02d}.000Z"} for n in range(1, 8)]


@pytest.fixture(scope="module")
def binary(pytestconfig):
    """Installed once, into pytest's cache."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed, so json-server cannot run")
    home = pytestconfig.cache.mkdir("json-server-0.17.4")
    found = home / "node_modules" / ".bin" / "json-server"
    if not found.exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(home), PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not install {PACKAGE} within two minutes")
        if done.returncode:
            pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.decode()[-200:]}")
    return found


@pytest.fixture
def connector(binary, tmp_path):
    import json

    (tmp_path / "db.json").write_text(json.dumps({"tasks": ROWS}))
    port = free_port()
    command = [str(binary), "--host", "127.0.0.1", "--port", str(port), "--quiet", "db.json"]
    server = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "NODE_ENV": "production"})
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, server)
        document = preset("json_server_0_17")
        document["resources"]["task"]["list"]["page"]["size"] = 2
        yield GenericRestConnector(Context(url, {"config": document}, {}, SystemClock(), allow_private=True))
    finally:
        server.terminate()
        server.wait(10)


def _wait(url, server):
    for _ in range(200):
        assert server.poll() is None, "json-server ended at once"
        try:
            urllib.request.urlopen(f"{url}/tasks?_limit=1", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("json-server did not answer within 20 seconds")


def test_its_list_covers_each_id_once(connector):
    assert sorted(ids(connector)) == ["1", "2", "3", "4", "5", "6", "7"]


def test_it_is_asked_for_changes_only(connector):
    assert ids(connector, since=datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)) == ["5", "6", "7"]


def test_it_creates_updates_and_deletes(connector):
    task = connector.resource("task")
    started = datetime.now(UTC) - timedelta(seconds=2)
    made = connector.create(task, {"title": "New", "tags": ["a"]}, key="key-1")
    assert (made.id, made.fields["title"]) == ("key-1", "New")
    assert [record.id for record in connector.find_created(task, {}, key="key-1", after=started)] == ["key-1"]
    changed = connector.update(task, made.id, {"title": "Newer"}, current=made)
    assert (changed.id, changed.fields["title"], changed.fields["tags"]) == ("key-1", "Newer", ["a"])
    assert changed.updated_at >= made.updated_at
    assert ids(connector, since=started) == ["key-1"]
    connector.delete(task, made.id)
    connector.delete(task, made.id)
    with pytest.raises(NotFound):
        connector.fetch(task, made.id)


def test_its_probe_is_green(connector):
    report = probe(connector, write={"task": {"title": "Probe"}})
    assert [line for line in report.lines if line.level != "green"] == []


def test_its_probe_finds_a_filter_that_is_ignored(connector):
    document = dict(connector.context.settings["config"])
    document["resources"]["task"]["list"]["since"]["params"] = {"changed_after": "{since}"}
    report = probe(GenericRestConnector(connector.context))
    assert [(line.step, line.level) for line in report.lines if line.level == "red"] == [("since", "red")]
