"""The Django application of the gate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GateConfig(AppConfig):
    name = "enishi.gate"
    label = "gate"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_begin, sender=self)


def _begin(using: str = "default", plan: Any = (), **_: Any) -> None:
    """Give a new book the policies it begins with."""
    from enishi.gate.models import Policy
    from enishi.gate.shipped import write_shipped

    if any(backwards for _, backwards in plan):
        return  # the tables are being taken away
    if Policy._meta.db_table in _tables(using):
        write_shipped(using)


def _tables(using: str) -> list[str]:
    from django.db import connections

    return connections[using].introspection.table_names()
