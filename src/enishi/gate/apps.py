"""The Django application of the gate."""

from __future__ import annotations

from django.apps import AppConfig


class GateConfig(AppConfig):
    name = "enishi.gate"
    label = "gate"
    default_auto_field = "django.db.models.BigAutoField"
