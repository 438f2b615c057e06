"""Records for tests."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from records import models


class OrganizationFactory(DjangoModelFactory[models.Organization]):
    class Meta:
        model = models.Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")


class MemberFactory(DjangoModelFactory[models.Member]):
    class Meta:
        model = models.Member

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Member {n}")
    email = factory.Sequence(lambda n: f"member{n}@example.org")


class ContactFactory(DjangoModelFactory[models.Contact]):
    class Meta:
        model = models.Contact

    organization = factory.SubFactory(OrganizationFactory)
    first_name = factory.Sequence(lambda n: f"First {n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.org")


class TaskFactory(DjangoModelFactory[models.Task]):
    class Meta:
        model = models.Task

    organization = factory.SubFactory(OrganizationFactory)
    title = factory.Sequence(lambda n: f"Task {n}")
