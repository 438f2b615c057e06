"""Writes whose outcome nobody confirmed: an answer that was lost, or a worker that died before it recorded one.

What is about to be sent is noted on the pending change before the call. A later read that finds just that value
knows it for our own write (law 3) and takes it for agreed; without the note it would look like an edit made there,
and an edit made here meanwhile, back to the value before, would be lost to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.base.records import ExternalRecord
from integrations.mapping.sentinels import ABSENT, UNRESOLVED
from sync_engine.settle import LinkState, Lookup
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from sync_engine.links import Link

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
    shape: Shape,
    link: LinkState,
    external: tuple[Any, ...],
    attempts: Sequence[Sent],
    reverse: Lookup,
    *,
    moved: bool = False,
) -> LinkState:
    """The bases as they must be taken for this look. `external` is the provider's mapped tuple; `moved` = the record
    was changed there since the last agreement.

    A field that holds what we sent is agreed on. One that stands as before in a record that has moved may never have
    been written, or have been put back by somebody: without a base the two sides are compared as at first contact."""
    # A field that the mapping has lost since is nobody's concern.
    attempts = [{name: value for name, value in sent.items() if name in shape.rules_of} for sent in attempts]
    for name in dict.fromkeys(name for sent in attempts for name in sent):
        indexes = [index for index in shape.rules_of[name] if shape.mapping.rules[index].push]
        there = {shape.keys[index]: external[index] for index in shape.rules_of[name]}
        agreed = all(link.external_base.get(key) == value for key, value in there.items())
        found = _found(shape, link, external, attempts, name, indexes, reverse)
        if found is not None and not agreed:
            link = LinkState({**link.local_base, name: found[0]}, {**link.external_base, **there}, link.known)
        elif found is None and agreed and moved:
            doubted = {key: value for key, value in link.external_base.items() if key not in there}
            link = LinkState(link.local_base, doubted, link.known)
    return link


def moved(record: ExternalRecord, link: Link) -> bool:
    """Has the record a later stamp than the one that was agreed on?"""
    before = link.external_updated_at
    return record.updated_at is not None and before is not None and record.updated_at > before


def _found(
    shape: Shape,
    link: LinkState,
    external: tuple[Any, ...],
    attempts: Sequence[Sent],
    name: str,
    indexes: Sequence[int],
    reverse: Lookup,
) -> tuple[Any] | None:
    """The local value that was sent and that the provider holds, the latest first; None where it holds another."""
    for sent in reversed(attempts):
        if name in sent and indexes:
            values = tuple(sent.get(one, link.local_base.get(one)) for one in shape.names)
            ours = shape.mapping.to_external(values, frozenset(sent), reverse)
            if all(ours[i] not in (ABSENT, UNRESOLVED) and ours[i] == external[i] for i in indexes):
                return (sent[name],)
    return None
