"""Log lines in R1's shape, each with the integration and the run that it is about."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest

from config.logs import ContextFilter, JsonFormatter
from integrations import log_context
from tests.engine.conftest import scene, server, twin, whole_runs
from tests.engine.scene import Scene

__all__ = ["scene", "server", "twin", "whole_runs"]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the handler of the settings would write, as JSON."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(ContextFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_every_line_of_a_run_names_it(scene: Scene, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("urllib3"), "level", logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("urllib3.connectionpool"), "_cache", {})
    scene.there("a task")
    scene.there("x" * 1100)
    gid = scene.there("both")
    scene.sync()
    scene.edit_there(gid, name="changed")
    run = scene.sync().run
    found = [line for line in lines() if line.get("runId") == str(run.pk)]
    assert found
    assert {line["integrationId"] for line in found} == {str(scene.asana.pk)}
    assert {line["integrationName"] for line in found} == {"Asana"}
    (written,) = [line for line in found if line["level"] == "DEBUG" and line["logger"] == "sync_engine.run"]
    assert (written["operation"], written["resourceType"]) == ("UPDATE", "TASK")
    assert written["resourceId"]
    from_the_network = [line for line in lines() if line["logger"].startswith("urllib3") and "runId" in line]
    assert from_the_network
    assert {line["resourceType"] for line in from_the_network} == {"TASK"}


def test_a_run_ends_with_a_line_of_its_figures(scene: Scene, lines: Lines) -> None:
    scene.there("a task")
    scene.there("x" * 1100)
    scene.sync()
    (failed,) = [line for line in lines() if line["level"] == "WARN" and "resourceId" in line]
    assert (failed["operation"], failed["resourceType"]) == ("CREATE", "TASK")
    ended = [line for line in lines() if line["logger"] == "sync_engine.run"][-1]
    assert (ended["level"], ended["operation"]) == ("WARN", "BULK_SYNC")
    assert ended["metadata"]["recordsProcessed"] == 2
    assert set(ended["metadata"]) == {"durationMs", "recordsProcessed", "retryCount"}
    assert "2 read, 1 failed" in ended["message"]


def test_a_refused_token_is_fatal(scene: Scene, lines: Lines) -> None:
    scene.asana.credentials = {"token": "s3cret-and-wrong"}  # type: ignore[assignment]
    scene.asana.save()
    scene.sync()
    ended = [line for line in lines() if line["logger"] == "sync_engine.run"][-1]
    assert ended["level"] == "FATAL"
    assert ended["metadata"]["errorCode"] == "AuthError"
    assert "s3cret-and-wrong" not in json.dumps(lines())


def test_after_a_run_lines_are_of_nobody(scene: Scene, lines: Lines) -> None:
    scene.sync()
    logging.getLogger("elsewhere").warning("after")
    assert "runId" not in lines()[-1]
    assert log_context.context() == {}


def test_a_line_has_the_shape_of_r1(lines: Lines) -> None:
    try:
        raise ValueError("no such luck")
    except ValueError:
        logging.getLogger("somewhere").exception(
            "Went wrong", extra={"metadata": {"httpStatus": 502}, "resourceId": "7", "api_key": "k3y-of-somebody"}
        )
    (line,) = lines()
    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "somewhere", "Went wrong")
    assert line["timestamp"].endswith("+00:00")
    assert line["resourceId"] == "7"
    assert line["metadata"] == {"httpStatus": 502, "api_key": "[redacted]"}
    assert (line["error"]["type"], line["error"]["message"]) == ("ValueError", "no such luck")
    assert line["error"]["stack"].startswith("Traceback")
    assert line["error"]["stack"].endswith("ValueError: no such luck")


def test_what_is_known_goes_along_into_threads_and_no_further(lines: Lines) -> None:
    logger = logging.getLogger("somewhere")
    with log_context.logged(runId="one"):
        log_context.note(resourceType="TASK")
        aware = threading.Thread(target=log_context.carried(lambda: logger.info("aware")))
        plain = threading.Thread(target=lambda: logger.info("plain"))
        for thread in (aware, plain):
            thread.start()
            thread.join()
        with log_context.logged(runId="two"):
            logger.info("inner")
        logger.info("outer")
    found = {line["message"]: (line.get("runId"), line.get("resourceType")) for line in lines()}
    assert found == {
        "aware": ("one", "TASK"),
        "plain": (None, None),
        "inner": ("two", "TASK"),
        "outer": ("one", "TASK"),
    }


def test_people_see_it_too() -> None:
    record = logging.makeLogRecord({"name": "x", "msg": "hello", "levelname": "INFO"})
    with log_context.logged(integrationName="Asana", runId="0123-456789abcdef"):
        ContextFilter().filter(record)
    assert logging.Formatter("{name}:{where} {message}", style="{").format(record) == "x: [Asana 89abcdef] hello"
