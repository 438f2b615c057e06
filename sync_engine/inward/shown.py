"""Which links a listing has shown, kept while the listing goes from one task to the next: without them nobody could
tell at its end what is missing. Written only where a run may be handed over, one row per batch, in its transaction."""

from __future__ import annotations

from array import array

from django.db.models import QuerySet

from integrations.models import ListingPart
from sync_engine.shape import Shape


def keep(shape: Shape, link_ids: array[int]) -> None:
    ListingPart.objects.create(integration=shape.integration, resource_type=shape.type, links=link_ids.tobytes())


def kept(shape: Shape) -> array[int]:
    """Everything that the listing has shown so far."""
    found: array[int] = array("q")
    for part in _parts(shape).order_by("id").values_list("links", flat=True).iterator():
        found.frombytes(bytes(part))
    return found


def forget(shape: Shape) -> None:
    """The listing is over, or begins anew."""
    _parts(shape).delete()


def _parts(shape: Shape) -> QuerySet[ListingPart]:
    return ListingPart.objects.filter(integration=shape.integration, resource_type=shape.type)
