"""The questions about memberships, asked through the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


class AskedMembers:
    """The methods of `MemberQuestions`, for whoever can `_ask`."""

    def _ask(self, method: str, arguments: Mapping[str, object]) -> Any:
        raise NotImplementedError  # by the client that this is mixed into

    def segment_ages(self) -> dict[str, str]:
        found: dict[str, str] = self._ask("segment_ages", {})
        return found

    def segment_counts(
        self, segments: Mapping[str, str], **asked: Any
    ) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = self._ask(
            "segment_counts", {"segments": dict(segments), **asked}
        )
        return found

    def segment_trend(self, slug: str, subject: str, days: int, **asked: Any) -> dict[str, Any]:
        return self._told("segment_trend", slug, subject, days=days, **asked)

    def segment_sizes(
        self, segments: Mapping[str, str], days: int, **asked: Any
    ) -> dict[str, list[int]]:
        found: dict[str, list[int]] = self._ask(
            "segment_sizes", {"segments": dict(segments), "days": days, **asked}
        )
        return found

    def segment_members(self, slug: str, subject: str, **asked: Any) -> dict[str, Any]:
        return self._told("segment_members", slug, subject, **asked)

    def segment_member(
        self, slug: str, subject: str, reference: str, **asked: Any
    ) -> dict[str, Any]:
        return self._told("segment_member", slug, subject, reference=reference, **asked)

    def segment_overlap(self, slugs: Sequence[str], subject: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            "segment_overlap", {"slugs": list(slugs), "subject": subject, **asked}
        )
        return found

    def segment_composition(
        self, slug: str, subject: str, value: object, **asked: Any
    ) -> dict[str, Any]:
        return self._told("segment_composition", slug, subject, value=value, **asked)

    def segment_differences(self, refresh: str, subject: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(
            "segment_differences", {"refresh": refresh, "subject": subject, **asked}
        )
        return found

    def segment_table(self, slug: str, subject: str, **asked: Any) -> pa.Table:
        return self._ask("segment_table", {"slug": slug, "subject": subject, **asked})

    def crossings(self, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("crossings", {**asked})
        return found

    def newest_crossing(self) -> str:
        found: str = self._ask("newest_crossing", {})
        return found

    def stream_standing(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("stream_standing", {})
        return found

    def _told(self, method: str, slug: str, subject: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(method, {"slug": slug, "subject": subject, **asked})
        return found
