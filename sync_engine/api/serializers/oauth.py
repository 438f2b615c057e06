"""Signing in at a provider. No token and no secret is ever answered."""

from __future__ import annotations

from rest_framework import serializers

from records.api.fields import CamelSerializer


class StartSerializer(CamelSerializer):
    """`return_to` is a path of this server where the browser ends up; the integration's page by default."""

    return_to = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class StartedSignIn(CamelSerializer):
    """Send the person's browser to `url` within ten minutes."""

    success = serializers.BooleanField()
    url = serializers.URLField()
    redirect_uri = serializers.URLField(help_text="To be entered in the settings of the app at the provider.")


class SignInStatus(CamelSerializer):
    """How the integration is signed in."""

    state = serializers.ChoiceField(choices=["NOT_NEEDED", "NOT_CONNECTED", "CONNECTED", "NEEDS_REAUTH"])
    message = serializers.CharField(help_text="What to do; empty = nothing.")
    account = serializers.CharField()
    authorized_by = serializers.CharField()
    authorized_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    refresh_expires_at = serializers.DateTimeField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField(), help_text="Asked for and not granted.")
    last_attempt = serializers.CharField(help_text="What became of the last sign-in; empty = under way or none.")
    redirect_uri = serializers.CharField()


class Disconnected(CamelSerializer):
    """`message` says what the provider was not told; empty = all is done."""

    success = serializers.BooleanField()
    message = serializers.CharField()
