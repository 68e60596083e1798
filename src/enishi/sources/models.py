"""The table of event sources. Events themselves stand in the log and in the warehouse."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from enishi.book.clock import now
from enishi.kernel.ids import new_id


def _source_id() -> str:
    return new_id("src")


class EventSource(models.Model):
    """Somewhere events come from, and the write key it sends with.

    `kind` is web, server or app. `key` is the write key where it is public anyway (web and app: it
    stands in the page), empty for a server, whose key is shown once; `key_hash` is its SHA-256 and
    `hint` its last four characters. The key before it goes on until `old_until`. `origins` are the
    pages that may send, as browsers write them (`https://www.example.jp`); none: any page.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_source_id)
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=64, blank=True)
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    old_hash = models.CharField(max_length=64, blank=True)
    old_until = models.DateTimeField(null=True)
    origins = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    created_by = models.CharField(max_length=40)
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
