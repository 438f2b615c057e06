from django.db import models

from records.models import Member, SyncedRecord


class Boat(SyncedRecord):
    name = models.CharField(max_length=40)
    length_metres = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    seats = models.IntegerField(default=1)
    skipper = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="boats")

    def __str__(self) -> str:
        return self.name
