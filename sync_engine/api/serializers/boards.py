"""Jobs and their items, as R0's endpoints answer them."""

from __future__ import annotations

from rest_framework import serializers

from records import catalog
from records.api.fields import CamelSerializer
from records.api.serializers import serializer_of

ITEM, JOB = catalog.get("item"), catalog.get("job")


class LinkSerializer(CamelSerializer):
    """How the two are kept in step; null where the item only names the job."""

    integration_id = serializers.UUIDField()
    integration_name = serializers.CharField()
    sync_status = serializers.CharField()
    last_synced_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)


class SyncToBoardSerializer(CamelSerializer):
    """Optional: `board_id` chooses among several boards."""

    board_id = serializers.UUIDField(required=False)


class BoardItemSerializer(CamelSerializer):
    """An item, its board, and how it is kept in step."""

    item = serializer_of(ITEM)()
    board_name = serializers.CharField()
    link = LinkSerializer(allow_null=True)


class BoardItemAnswer(CamelSerializer):
    """The job's item. A job that is on several boards has several; `items` lists all."""

    success = serializers.BooleanField()
    item = serializer_of(ITEM)()
    items = BoardItemSerializer(many=True)


class ItemJobAnswer(CamelSerializer):
    """The item's job."""

    success = serializers.BooleanField()
    job = serializer_of(JOB)()
    link = LinkSerializer(allow_null=True)


class SyncedAnswer(CamelSerializer):
    """`action` is created, updated, unchanged, or conflict: then a person decides, and the answer shows both sides."""

    success = serializers.BooleanField()
    action = serializers.CharField()
    job = serializer_of(JOB)()
    item = serializer_of(ITEM)()
    board_name = serializers.CharField()
    integration_id = serializers.UUIDField()
