"""The Django application of lists."""

from __future__ import annotations

from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "enishi.lists"
    label = "lists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the gate know that an assignment or a share opens a person to a user, rules which
        lists there are, and segments what of lists uses them."""
        from enishi.gate.visibility import register_grant
        from enishi.lists.access import granted
        from enishi.lists.set_uses import uses_of_segment
        from enishi.lists.telling import register
        from enishi.segments.uses import register as register_uses

        register_grant(granted)
        register()
        register_uses(uses_of_segment)
