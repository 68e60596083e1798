"""What providers call back with: signatures checked, told as responses.

    POST /m/hooks/anymail/<sender>    a mail service's events
    POST /m/hooks/twilio/<sender>     the states of text messages, and what people answer
    POST /m/hooks/line/<sender>       friends who follow, block or answer
    POST /m/hooks/inbound/<sender>    raw mail from one's own server: bounces, reports, replies

A call without a good signature gets 403, whatever else is wrong with it. What is good is answered
with 200 also when nothing in it concerns us, so that nobody sends it again and again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from enishi.book.faults import kind_and_place
from enishi.kernel.errors import EnishiError, NotFound
from enishi.messages.channels.port import Account
from enishi.messages.public import responses
from enishi.messages.public.responses import Came
from enishi.messages.senders import service as senders

Reader: TypeAlias = Callable[[HttpRequest, Account], list[Came]]

MOST_BYTES = 5_000_000
"""No call is longer."""
_AT_ONCE = 200
_READERS: Mapping[str, tuple[str, str]] = {
    "anymail": ("anymail", "enishi.messages.channels.anymail.hook"),
    "twilio": ("twilio", "enishi.messages.channels.twilio.hook"),
    "line": ("line", "enishi.messages.channels.line.hook"),
    "inbound": ("smtp", "enishi.messages.channels.smtp.inbound"),
}
_log = logging.getLogger("enishi.messages")


class Unsigned(Exception):
    """The call is not signed by whom it says it is from."""


@csrf_exempt  # a signature takes the place of a token
def hook(request: HttpRequest, provider: str, sender: str) -> HttpResponse:
    """One call. Answers 200, 403, 405, 413, or 503 when it is to be sent again."""
    if request.method not in ("POST", "HEAD"):
        return _plain(405)
    if request.method == "HEAD":
        return _plain(200)  # some ask so whether there is anything at the address
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _plain(413)
    try:
        account = _account(provider, sender)
        read = cast(Reader, import_module(_READERS[provider][1]).read)
        came = read(request, account)
    except (Unsigned, NotFound):
        return _plain(403)
    except EnishiError as error:
        return _plain(error.status)
    except Exception as error:  # whatever a signed call may hold
        _log.warning("a call of %s could not be read: %s", provider, kind_and_place(error))
        return _plain(400)
    try:
        for start in range(0, len(came), _AT_ONCE):
            responses.record_many(came[start : start + _AT_ONCE])
    except EnishiError:
        return _plain(503)
    return _plain(200)


def _account(provider: str, slug: str) -> Account:
    found = senders.get(slug)
    if _READERS.get(provider, ("",))[0] != found.provider:
        raise Unsigned
    return senders.account_of(found)


def _plain(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain; charset=utf-8")
