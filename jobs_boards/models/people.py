"""The people of the field: an employee is hired once, and may then work in a crew, sell, or both (R2, step 1)."""

from __future__ import annotations

from django.db import models

from records.models import Member, SyncedRecord

from .branch import Branch


class Person(SyncedRecord):
    """What every person has. `telegram_id` is where notices of job changes go."""

    name = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=50, blank=True, default="")
    telegram_id = models.CharField(max_length=64, blank=True, default="")
    branch = models.ForeignKey(Branch, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)

    class Meta(SyncedRecord.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Employee(Person):
    """Who was hired. `member` is the same person as the organization's tools know them."""

    role = models.CharField(max_length=100, blank=True, default="")
    hired_on = models.DateField(null=True, blank=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="employees")


class CrewMember(Person):
    """Who works on jobs; a leader runs the crew of a job."""

    employee = models.ForeignKey(
        Employee, on_delete=models.SET_NULL, null=True, blank=True, related_name="crew_memberships"
    )
    is_leader = models.BooleanField(default=False)


class SalesPerson(Person):
    """Who sells jobs."""

    employee = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, blank=True, related_name="sales_roles")

    class Meta(SyncedRecord.Meta):
        verbose_name_plural = "sales people"
