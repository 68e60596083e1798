"""What law, mail programs and spam filters will say of a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from enishi.kernel.errors import Fault
from enishi.kernel.text import Text
from enishi.messages.models import TemplateVersion


@dataclass(frozen=True, slots=True)
class Check:
    """A finding. `refuse` keeps a version from being submitted and approved."""

    code: str
    level: Literal["refuse", "warn"]
    path: str
    message: Text
    remedy: Text


def checks_of(version: TemplateVersion) -> list[Check]:
    """Every finding, those that refuse first."""
    return []


def refused_by(version: TemplateVersion) -> list[Fault]:
    return []


def plain_text(version: TemplateVersion) -> str:
    return ""
