"""The questions about one subject's page, asked through the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AskedCustomers:
    """The methods of `People`, `Timelines` and `Groups`, for whoever can `_ask`."""

    def _ask(self, method: str, arguments: Mapping[str, object]) -> Any:
        raise NotImplementedError  # by the client that this is mixed into

    def person(self, subject_id: str, **asked: Any) -> dict[str, Any]:
        return self._of("person", subject_id, **asked)

    def related(self, subject_id: str, path: str, **asked: Any) -> dict[str, Any]:
        return self._of("related", subject_id, path=path, **asked)

    def timeline(self, subject_id: str, **asked: Any) -> dict[str, Any]:
        return self._of("timeline", subject_id, **asked)

    def timeline_years(self, subject_id: str, **asked: Any) -> dict[str, Any]:
        return self._of("timeline_years", subject_id, **asked)

    def stays(self, subject_id: str, **asked: Any) -> dict[str, Any]:
        return self._of("stays", subject_id, **asked)

    def group(self, subject_id: str, **asked: Any) -> dict[str, Any]:
        return self._of("group", subject_id, **asked)

    def _of(self, method: str, subject_id: str, **asked: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(method, {"subject_id": subject_id, **asked})
        return found
