"""The Django application of messages."""

from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "enishi.messages"
    label = "messages"
    default_auto_field = "django.db.models.BigAutoField"
