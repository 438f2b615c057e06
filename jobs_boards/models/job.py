"""Work that was sold and is to be carried out at a place."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs_boards.statuses import FIRST
from records.models import Contact, Member, SyncedRecord
from records.models.address import Address

from .branch import Branch, BusinessUnit
from .people import CrewMember, SalesPerson


class Job(Address, SyncedRecord):
    """`status` is the name of a `JobStatus`, loosely: tools bring states of their own. `lead_technician` is a
    member, as boards and task tools know people; crew leader and sales person are roles of the field."""

    title = models.CharField(max_length=1024)
    number = models.CharField(max_length=64, blank=True, default="")
    status = models.CharField(max_length=100, default=FIRST)
    lead_technician = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    crew_leader = models.ForeignKey(
        CrewMember, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    sales_person = models.ForeignKey(
        SalesPerson, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    business_unit = models.ForeignKey(
        BusinessUnit, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="jobs"
    )
    scheduled_start = models.DateTimeField(null=True, blank=True)
    scheduled_end = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True, default="")
    estimated_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    contract_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    paid_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta(SyncedRecord.Meta):
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *SyncedRecord.Meta.indexes,
            models.Index(fields=("organization", "status"), name="job_status"),
            models.Index(fields=("contact",), name="job_contact", condition=Q(contact__isnull=False)),
            models.Index(fields=("lead_technician",), name="job_lead", condition=Q(lead_technician__isnull=False)),
        )

    def __str__(self) -> str:
        return self.title
