"""The web server as the Procfile starts it notes who called what, without what stands behind the question mark: the
code of a sign-in, the token of a webhook."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.resilience.house import ROOT, eventually, free_port
from tests.subprocesses import database_url


def web_line() -> str:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    return lines["web"]


@pytest.mark.django_db(transaction=True)
def test_the_access_log_holds_paths_without_their_query(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "web.log"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PORT": str(port), "DEMO": "1", "PATH": path, "DATABASE_URL": database_url()}

    def answers() -> bool:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz?code=s3cret", timeout=5).status == 200
        except OSError:
            return False

    with log.open("wb") as out:
        web = subprocess.Popen(["sh", "-c", f"exec {web_line()}"], cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        assert eventually(answers), log.read_text()[-2000:]
        assert eventually(lambda: '"GET /healthz HTTP/1.1" 200' in log.read_text(), 10), log.read_text()[-2000:]
        assert "s3cret" not in log.read_text()
    finally:
        web.terminate()
        web.wait(20)
