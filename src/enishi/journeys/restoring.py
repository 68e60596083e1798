"""After a backup has been brought back: journeys stand still until somebody has them go on.

What they did since the backup was made, the restored book does not know: each walk stands where it
stood, and would take the steps that have been overdue since once more, messages too.
"""

from __future__ import annotations

from enishi.book.access import OPERATOR
from enishi.journeys import service
from enishi.journeys.models import Journey
from enishi.journeys.walking.readying import MOVING


def pause_all() -> list[str]:
    """Pause every journey in which people go on, each in the audit; returns their names."""
    found = list(Journey.objects.filter(state__in=MOVING).order_by("name", "id"))
    for journey in found:
        service.pause(journey.slug, OPERATOR)
    return [journey.name for journey in found]
