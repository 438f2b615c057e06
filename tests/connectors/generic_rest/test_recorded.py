"""Answers recorded from json-server 0.17.4, for machines without node: our requests are those recorded."""

import json
from pathlib import Path

import orjson
import pytest

from connectors.base.http import HttpResponse
from connectors.generic_rest.presets import preset
from tests.connectors.base.fakes import FakeClock

from .helpers import ids, requests, told

RECORDED = json.loads((Path(__file__).parent / "fixtures" / "json_server_0_17_4.json").read_text())


class AtRecording(FakeClock):
    """The minute of the recording."""

    def __init__(self):
        super().__init__()
        self.seconds = 60.0


@pytest.fixture
def connector():
    document = preset("json_server_0_17")
    document["resources"]["task"]["list"]["page"]["size"] = 2
    answers = [HttpResponse(each["status"], each["headers"], orjson.dumps(each["body"])) for each in RECORDED]
    return told(document, *answers, base_url="", clock=AtRecording())


def test_json_server_as_recorded(connector):
    task = connector.resource("task")
    assert ids(connector) == ["1", "2", "3"]
    made = connector.create(task, {"title": "New"}, key="key-1")
    changed = connector.update(task, made.id, {"title": "Newer"}, current=made)
    assert (changed.id, changed.fields["title"]) == ("key-1", "Newer")
    connector.delete(task, made.id)
    connector.delete(task, made.id)
    sent = [(each.method, each.url, orjson.loads(each.body) if each.body else None) for each in requests(connector)]
    assert sent == [(each["method"], each["url"], each["sent"]) for each in RECORDED]
