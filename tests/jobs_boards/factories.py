"""Jobs and boards for tests."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from jobs_boards import models
from tests.records.factories import OrganizationFactory


class JobFactory(DjangoModelFactory[models.Job]):
    class Meta:
        model = models.Job

    organization = factory.SubFactory(OrganizationFactory)
    title = factory.Sequence(lambda n: f"Attic {n}")
    number = factory.Sequence(lambda n: f"J-{n:04d}")


class BoardFactory(DjangoModelFactory[models.Board]):
    class Meta:
        model = models.Board

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Board {n}")


class BoardColumnFactory(DjangoModelFactory[models.BoardColumn]):
    class Meta:
        model = models.BoardColumn

    board = factory.SubFactory(BoardFactory)
    organization = factory.SelfAttribute("board.organization")
    key = factory.Sequence(lambda n: f"column_{n}")
    title = factory.Sequence(lambda n: f"Column {n}")
    kind = "text"
