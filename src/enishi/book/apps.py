"""The Django application of the book."""

from __future__ import annotations

from django.apps import AppConfig


class BookConfig(AppConfig):
    name = "enishi.book"
    label = "book"
    default_auto_field = "django.db.models.BigAutoField"
