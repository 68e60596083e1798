"""The Django application of privacy."""

from __future__ import annotations

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "enishi.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"
