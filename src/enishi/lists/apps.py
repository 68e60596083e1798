"""The Django application of lists."""

from __future__ import annotations

from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "enishi.lists"
    label = "lists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the gate know that an assignment or a share opens a person to a user, and rules
        which lists there are."""
        from enishi.gate.visibility import register_grant
        from enishi.lists.access import granted
        from enishi.lists.telling import register

        register_grant(granted)
        register()
