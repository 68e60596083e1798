"""One family of errors: a stable code, a sentence in two languages, and a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from enishi.kernel.text import Locale, Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with something a person wrote.

    `path` says where: a JSON path inside a rule (`$.all[0].field`), or a YAML path in a file.
    """

    code: str
    path: str
    message: Text
    remedy: Text
    file: str = ""

    def as_json(self, locale: Locale) -> dict[str, str]:
        found = {
            "code": self.code,
            "path": self.path,
            "message": self.message[locale],
            "remedy": self.remedy[locale],
        }
        return found | {"file": self.file} if self.file else found


class EnishiError(Exception):
    """A refusal that a person can act on.

    Subclasses set `status` (the HTTP status of the API's answer) and `code` (stable, snake_case).
    """

    status: int = 400
    code: str = "refused"

    def __init__(
        self,
        message: Text,
        remedy: Text,
        *,
        code: str | None = None,
        faults: tuple[Fault, ...] = (),
        detail: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message.en)
        self.message = message
        self.remedy = remedy
        self.code = code or type(self).code
        self.faults = faults
        self.detail = dict(detail or {})

    def as_json(self, locale: Locale) -> dict[str, object]:
        """The one error shape of API, door and CLI."""
        return {
            "code": self.code,
            "message": self.message[locale],
            "remedy": self.remedy[locale],
            "faults": [fault.as_json(locale) for fault in self.faults],
            "detail": self.detail,
        }


class NotFound(EnishiError):
    status = 404
    code = "not_found"


class Forbidden(EnishiError):
    status = 403
    code = "forbidden"


class Conflict(EnishiError):
    """Somebody else was first, or the thing has changed since it was read."""

    status = 409
    code = "conflict"


class Invalid(EnishiError):
    """The input itself is wrong; `faults` say where."""

    status = 422
    code = "invalid"


class Unavailable(EnishiError):
    status = 503
    code = "unavailable"
