"""Writes whose outcome nobody confirmed: an answer that was lost, or a worker that died before it recorded one.

What is about to be sent is noted on the pending change before the call. A later read that finds just that value
knows it for our own write (law 3) and takes it for agreed; without the note it would look like an edit made there,
and an edit made here meanwhile, back to the value before, would be lost to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from sync_engine.settle import LinkState, Lookup
from sync_engine.shape import Shape

Sent = Mapping[str, Any]
"""Local field to the plain value that was sent, of one attempt."""
MOST = 4
"""Attempts remembered; an older one is overwritten there by now."""


def attempt(shape: Shape, local_base: Mapping[str, Any], values: Sequence[Any]) -> dict[str, Any]:
    """What a push of these local values may send."""
    pairs = zip(shape.names, values, strict=True)
    return {name: value for name, value in pairs if name in local_base and local_base[name] != value}


def with_attempt(known: Sequence[Sent], new: Sent) -> list[Sent]:
    """The attempts with one more, the latest last."""
    return [*(one for one in known if one != new), new][-MOST:] if new else list(known)


def adopt(
    shape: Shape, link: LinkState, external: tuple[Any, ...], attempts: Sequence[Sent], reverse: Lookup
) -> LinkState:
    """The bases, moved to what we sent where the provider holds just that. `external` is its mapped tuple."""
    for sent in attempts:
        ours = _outward(shape, link, sent, reverse)
        for name, value in sent.items():
            indexes = [index for index in shape.rules_of[name] if shape.mapping.rules[index].push]
            if not indexes or any(ours[index] in (ABSENT, UNRESOLVED) for index in indexes):
                continue
            if any(ours[index] != external[index] for index in indexes):
                continue
            if any(link.external_base.get(shape.keys[index]) != external[index] for index in indexes):
                there = {shape.keys[index]: external[index] for index in shape.rules_of[name]}
                link = LinkState({**link.local_base, name: value}, {**link.external_base, **there}, link.known)
    return link


def _outward(shape: Shape, link: LinkState, sent: Sent, reverse: Lookup) -> tuple[Any, ...]:
    values = tuple(sent.get(name, link.local_base.get(name)) for name in shape.names)
    return shape.mapping.to_external(values, frozenset(sent), reverse)
