"""Every error leaves the API in one shape: code, message, remedy, faults, detail."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from enishi.book.database import no_space
from enishi.book.faults import kind_and_place
from enishi.book.http import locale_of
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import EnishiError, Fault, Invalid, NotFound, Unavailable
from enishi.kernel.text import Locale, Text

_log = logging.getLogger("enishi.web")


def answer(request: HttpRequest, error: EnishiError) -> JsonResponse:
    """The error as JSON with its status, in the request's language."""
    response = JsonResponse(
        error.as_json(_locale(request)),
        status=error.status,
        json_dumps_params={"ensure_ascii": False, "default": str},
    )
    after = error.detail.get("retry_after")
    if isinstance(after, int):
        response["Retry-After"] = str(after)
    return response


def _locale(request: HttpRequest) -> Locale:
    if not hasattr(request, "user"):
        return "ja"
    return locale_of(request)


def missing() -> NotFound:
    """The refusal of an address where nothing is."""
    return NotFound(
        Text("見つかりません。", "There is nothing here."),
        Text("一覧から開き直してください。", "Open it again from its list."),
    )


def strange_host() -> EnishiError:
    """The refusal of a host name the workspace does not answer to."""
    return EnishiError(
        Text("このホスト名では利用できません。", "This server does not answer to that name."),
        Text(
            "enishi.toml の security.allowed_hosts に、このホスト名を加えてください。",
            "Add the name to security.allowed_hosts in enishi.toml.",
        ),
        code="strange_host",
    )


def wrong_method() -> EnishiError:
    """The refusal of a method an address does not know."""
    error = EnishiError(
        Text("この操作はここではできません。", "This cannot be done here."),
        Text(
            "API の説明(/api/openapi.json)で方法を確かめてください。",
            "See /api/openapi.json for what this address takes.",
        ),
        code="method_not_allowed",
    )
    error.status = 405
    return error


def unexpected() -> EnishiError:
    """What is said of a fault of our own: nothing about its inside."""
    error = EnishiError(
        Text(
            "内部でエラーが起きました。内容は保存されていません。",
            "Something went wrong inside; nothing was saved.",
        ),
        Text(
            "もう一度お試しください。続くときは、X-Request-ID を添えて管理者に知らせてください。",
            "Try again. If it goes on, tell your administrator the X-Request-ID of the answer.",
        ),
        code="internal",
    )
    error.status = 500
    return error


def refused(status: int) -> EnishiError:
    """What Django or ninja could not read."""
    error: EnishiError = Invalid(
        Text("リクエストを読み取れませんでした。", "The request could not be read."),
        Text("JSON の形式を確かめてください。", "Check that the body is JSON."),
        code="unreadable",
    )
    error.status = status
    return error


def unstorable() -> EnishiError:
    """The refusal of a text that holds what no database stores: NUL, half a surrogate pair."""
    error = EnishiError(
        Text("使えない文字が含まれています。", "The text holds a character that cannot be kept."),
        Text("制御文字を除いて、もう一度お試しください。", "Remove control characters and retry."),
        code="unstorable_text",
    )
    error.status = 400
    return error


def too_large() -> EnishiError:
    """The refusal of a body beyond `DATA_UPLOAD_MAX_MEMORY_SIZE`."""
    error = EnishiError(
        Text("送られた内容が大きすぎます。", "What was sent is too large."),
        Text("分けて送ってください。", "Send it in parts."),
        code="too_large",
    )
    error.status = 413
    return error


_REASONS: dict[str, Text] = {
    "missing": Text("必要な項目がありません。", "This is required."),
    "extra_forbidden": Text("ここでは使えない項目です。", "This is not known here."),
    "string_too_short": Text("短すぎます。", "This is too short."),
    "string_too_long": Text("長すぎます。", "This is too long."),
    "string_pattern_mismatch": Text(
        "使えない文字が入っているか、形が違います。",
        "This holds characters that are not allowed here, or has another form.",
    ),
    "too_short": Text("少なすぎます。", "There are too few."),
    "too_long": Text("多すぎます。", "There are too many."),
    "literal_error": Text("選択肢にない値です。", "This is not one of the choices."),
    "enum": Text("選択肢にない値です。", "This is not one of the choices."),
    "json_invalid": Text("JSON として読めません。", "This is not JSON."),
    "greater_than_equal": Text("小さすぎます。", "This is too small."),
    "greater_than": Text("小さすぎます。", "This is too small."),
    "less_than_equal": Text("大きすぎます。", "This is too large."),
    "less_than": Text("大きすぎます。", "This is too large."),
}
_KINDS: tuple[tuple[str, Text], ...] = (
    ("string", Text("文字列が必要です。", "This has to be text.")),
    ("int", Text("整数が必要です。", "This has to be a whole number.")),
    ("decimal", Text("数値が必要です。", "This has to be a number.")),
    ("float", Text("数値が必要です。", "This has to be a number.")),
    ("bool", Text("真偽値が必要です。", "This has to be true or false.")),
    ("date", Text("日付が必要です。", "This has to be a date.")),
    ("list", Text("配列が必要です。", "This has to be a list.")),
    ("dict", Text("オブジェクトが必要です。", "This has to be an object.")),
)
_OTHER = Text("値が正しくありません。", "This value does not fit.")


def _reason(kind: str) -> Text:
    if kind in _REASONS:
        return _REASONS[kind]
    return next((text for prefix, text in _KINDS if kind.startswith(prefix)), _OTHER)


def _path(location: Any) -> str:
    """`("body", "data", "filters", 0, "field")` → `$.filters[0].field`; a query's is its name."""
    where, *rest = location
    # ninja names the parameter that takes the whole body before the path inside it
    inside = rest[1:] if where == "body" and len(rest) > 1 else rest
    found = "$"
    for part in inside:
        found += f"[{part}]" if isinstance(part, int) else f".{part}"
    return found


def invalid(errors: list[dict[str, Any]]) -> Invalid:
    """Input of the wrong shape, each fault with its place. Never repeats the input."""
    faults = tuple(
        Fault(
            str(error.get("type", "value")),
            _path(error.get("loc", ("body",))),
            _reason(str(error.get("type", ""))),
            Text("示された項目を直してください。", "Correct what is named."),
        )
        for error in errors[:50]
    )
    return Invalid(
        Text("入力に誤りがあります。", "The input does not fit."),
        Text(
            "示された項目を直して、もう一度送ってください。",
            "Correct what is named and send again.",
        ),
        faults=faults,
    )


def log_unexpected(request: HttpRequest, error: BaseException) -> None:
    """Log the kind of an error and where it arose; its message may hold personal data."""
    _log.error(
        "request=%s %s: unexpected %s",
        getattr(request, "id", "-"), request.method, kind_and_place(error),
    )  # fmt: skip


def _database(request: HttpRequest, error: Any) -> JsonResponse:
    log_unexpected(request, error)
    workspace = current_workspace()
    full = None if workspace.database_url else no_space(error, workspace.root)
    return answer(
        request,
        full
        or Unavailable(
            Text("データベースに接続できませんでした。", "The database could not be reached."),
            Text("少し待って、もう一度お試しください。", "Wait a moment and try again."),
            code="book_unavailable",
            detail={"retry_after": 5},
        ),
    )


def _unexpected(request: HttpRequest, error: Any) -> JsonResponse:
    log_unexpected(request, error)
    return answer(request, unexpected())


def install(api: NinjaAPI) -> None:
    """Give the API its handlers."""

    def known(request: HttpRequest, error: Any) -> JsonResponse:
        return answer(request, error)

    def shape(request: HttpRequest, error: Any) -> JsonResponse:
        return answer(request, invalid(error.errors))

    def http(request: HttpRequest, error: Any) -> JsonResponse:
        if isinstance(error.__cause__, EnishiError):  # what our parser said of the body
            error.__cause__.status = error.status_code
            return answer(request, error.__cause__)
        return answer(
            request, missing() if error.status_code == 404 else refused(error.status_code)
        )

    def not_found(request: HttpRequest, _: Any) -> JsonResponse:
        return answer(request, missing())

    def large(request: HttpRequest, _: Any) -> JsonResponse:
        return answer(request, too_large())

    api.add_exception_handler(EnishiError, known)
    api.add_exception_handler(ValidationError, shape)
    api.add_exception_handler(HttpError, http)
    api.add_exception_handler(Http404, not_found)
    api.add_exception_handler(RequestDataTooBig, large)
    api.add_exception_handler(OperationalError, _database)
    api.add_exception_handler(InterfaceError, _database)
    api.add_exception_handler(Exception, _unexpected)
