"""The Django application of segments."""

from __future__ import annotations

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "enishi.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let rules name the segments of the book."""
        from enishi.book.sets import SETS
        from enishi.segments.known import segments_of_book

        SETS.keep_segments(segments_of_book)
