"""Two transforms for one pair of fields: each list of the document names its own."""

from __future__ import annotations

from typing import Any

from .transforms import Transform


class Pair(Transform):
    """Reads by the pull rule, writes by the push rule; the external form is that of the pull rule."""

    def __init__(self, pull: Transform, push: Transform) -> None:
        self.pull, self.push = pull, push
        self.spec, self.direction, self.settings = pull.spec, pull.direction, pull.settings
        self.inline, self.local_is_form = pull.inline, pull.local_is_form
        self.paths, self.inputs = pull.paths, push.inputs
        self.normalise = pull.normalise  # type: ignore[method-assign]
        self.to_local = pull.to_local  # type: ignore[method-assign]
        self.emit = pull.emit  # type: ignore[method-assign]
        self.loses = pull.loses  # type: ignore[method-assign]

    def to_external(self, local: Any) -> Any:
        return self.pull.normalise(self.push.emit(self.push.to_external(local)))
