"""The Django application of journeys."""

from __future__ import annotations

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "enishi.journeys"
    label = "journeys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have walks go on when their deliveries are finished, hear of lists and holds, and tell
        which segments journeys name."""
        from enishi.journeys.drawing.set_uses import uses_of_segment
        from enishi.journeys.feed.listening import listen
        from enishi.journeys.walking.store import finished, lock
        from enishi.messages.deliveries.service import provide_finished, provide_lock
        from enishi.segments.uses import register

        provide_finished(finished)
        provide_lock(lock)
        listen()
        register(uses_of_segment)
