"""Commands stand on the same scene as whole runs."""

from tests.engine.conftest import scene, server, twin, whole_runs

__all__ = ["scene", "server", "twin", "whole_runs"]
