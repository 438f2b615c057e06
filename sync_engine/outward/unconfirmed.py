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
from sync_engine.deciding.settle import LinkState, Lookup
from sync_engine.shape import Shape

if TYPE_CHECKING:
    from sync_engine.links import Link

Sent = Mapping[str, Any]
"""Local field to the plain value that was sent, of one attempt."""
UNSENT = object()
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
    been written, or have been put back by somebody: it counts as changed on both sides."""
    # A field that the mapping has lost since is nobody's concern.
    attempts = [{name: value for name, value in sent.items() if name in shape.rules_of} for sent in attempts]
    for name in dict.fromkeys(name for sent in attempts for name in sent):
        there = {shape.keys[index]: external[index] for index in shape.rules_of[name]}
        agreed = all(link.external_base.get(key) == value for key, value in there.items())
        ours = _outward(shape, link, attempts, name, reverse)
        found = next((value for value, sent in ours if all(there[key] == form for key, form in sent.items())), UNSENT)
        if found is not UNSENT and not agreed:
            link = LinkState({**link.local_base, name: found}, {**link.external_base, **there}, link.known)
        elif found is UNSENT and agreed and moved and ours:
            link = LinkState(link.local_base, {**link.external_base, **ours[0][1]}, link.known)
    return link


def moved(record: ExternalRecord, link: Link) -> bool:
    """Has the record a later stamp than the one that was agreed on?"""
    before = link.external_updated_at
    return record.updated_at is not None and before is not None and record.updated_at > before


def _outward(
    shape: Shape, link: LinkState, attempts: Sequence[Sent], name: str, reverse: Lookup
) -> list[tuple[Any, dict[str, Any]]]:
    """(local value, what it was sent as by key) of every attempt at a field, the latest first."""
    found = []
    indexes = [index for index in shape.rules_of[name] if shape.mapping.rules[index].push]
    for sent in reversed(attempts):
        if name in sent and indexes:
            values = tuple(sent.get(one, link.local_base.get(one)) for one in shape.names)
            forms = shape.mapping.to_external(values, frozenset(sent), reverse)
            if not any(forms[index] in (ABSENT, UNRESOLVED) for index in indexes):
                found.append((sent[name], {shape.keys[index]: forms[index] for index in indexes}))
    return found
