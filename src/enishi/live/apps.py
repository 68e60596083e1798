"""The Django application of what is live: webhooks and what they are to tell."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "enishi.live"
    label = "live"
    default_auto_field = "django.db.models.BigAutoField"
