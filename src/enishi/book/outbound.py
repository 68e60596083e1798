"""Requests to addresses that people have typed in: sent to the public internet and nowhere else.

An address that leads into our own network would let its author read what only this machine may
read (metadata services, databases, the warehouse's door). So the name is resolved here, every
address found is looked at, and the connection goes to the very address that was looked at: a name
that changes between the two (DNS rebinding) gains nothing. Redirects are answers like any other,
never followed; proxies of the environment are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Iterable[str]]
"""From a host's name and a port to its addresses; raises OSError."""

MOST_ANSWER = 16_384
"""How much of an answer is read, bytes."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is routed in the internet
_NOTHING_READ = "-"


class Undeliverable(Exception):
    """No answer came. `code`: refused_address, not_found, connection, certificate, timeout,
    protocol. `handed`: something of the request may have arrived all the same."""

    def __init__(self, code: str, *, handed: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.handed = handed


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; `body` at most `MOST_ANSWER` bytes of it. `headers` by their names
    in small letters."""

    status: int
    retry_after: int | None  # seconds
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A checked address: where to connect, and what name to ask for."""

    parts: SplitResult
    host: str
    port: int
    address: str


def system_resolve(host: str, port: int) -> list[str]:
    """What the machine's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


def is_public(address: Address) -> bool:
    """Whether an address lies in the public internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.scope_id is not None or address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


def check_url(url: str, allow: Sequence[str] = ()) -> SplitResult:
    """The parts of an address one may send to, its name not yet resolved.

    `allow` names hosts of one's own network, `host` or `host:port`, for which plain http will do.
    Raises Invalid `url_refused`.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", _port(parts)
    except ValueError:
        raise _refused("形が正しくありません。", "It is not well formed.") from None
    literal = _literal(host)
    if len(url) > 2000 or not (literal or _HOST.fullmatch(host)):
        raise _refused("形が正しくありません。", "It is not well formed.")
    if any(character <= " " or character == "\x7f" for character in url):
        raise _refused("空白や改行があります。", "It has blanks or line breaks.")
    if parts.username is not None or parts.password is not None:
        raise _refused("名前とパスワードは入れられません。", "It may not carry a name or password.")
    if parts.fragment:
        raise _refused("「#」以降は送れません。", "What follows “#” cannot be sent.")
    known = allowed(host, port, allow)
    if parts.scheme != "https" and not (known and parts.scheme == "http"):
        raise _refused("https:// で始めてください。", "It has to begin with https://.")
    if literal and not known and not is_public(literal):
        raise _refused(
            "組織内や予約されたアドレスには送れません。",
            "It leads into a private or reserved network.",
        )
    return parts


def allowed(host: str, port: int, allow: Sequence[str]) -> bool:
    """Whether an administrator of the machine has named this host of the own network."""
    return host in allow or f"{host}:{port}" in allow


def locate(url: str, allow: Sequence[str] = (), resolve: Resolve = system_resolve) -> Place:
    """Where an address leads now. Raises Invalid `url_refused`, Undeliverable `not_found` or
    `refused_address` when any of the addresses of its name is not public."""
    parts = check_url(url, allow)
    host, port = parts.hostname or "", _port(parts)
    try:
        found = list(dict.fromkeys(resolve(host, port)))
        addresses = [ipaddress.ip_address(one) for one in found]
    except (OSError, ValueError):
        raise Undeliverable("not_found") from None
    if not addresses:
        raise Undeliverable("not_found")
    if not allowed(host, port, allow) and not all(is_public(one) for one in addresses):
        raise Undeliverable("refused_address")
    # IPv4 first: a machine without IPv6 still finds AAAA records.
    first = min(addresses, key=lambda one: one.version)
    return Place(parts, host, port, str(first))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow: Sequence[str] = (),
    timeout: float = 10.0,
    resolve: Resolve = system_resolve,
) -> Answer:
    """POST a body; every status is an answer. `timeout` is for all of it, in seconds.

    Raises Invalid `url_refused` and Undeliverable.
    """
    return _ask("POST", url, body, headers, allow, timeout, resolve)


def fetch(
    url: str,
    headers: Mapping[str, str],
    *,
    allow: Sequence[str] = (),
    timeout: float = 10.0,
    resolve: Resolve = system_resolve,
) -> Answer:
    """GET, under the same rules."""
    return _ask("GET", url, None, headers, allow, timeout, resolve)


def _ask(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    allow: Sequence[str],
    timeout: float,
    resolve: Resolve,
) -> Answer:
    place = locate(url, allow, resolve)
    handed = False
    overdue = threading.Event()
    connection = _connection(place, timeout, overdue)
    watch = threading.Timer(timeout, _cut, (connection, overdue))
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        if overdue.is_set():
            raise TimeoutError  # nothing of the request has left
        handed = True
        answer = _exchange(connection, place, method, body, headers)
        if overdue.is_set():
            raise TimeoutError  # what was cut off looks like a short answer
        return answer
    except ssl.SSLCertVerificationError:
        raise Undeliverable("certificate") from None
    except TimeoutError:
        raise Undeliverable("timeout", handed=handed) from None
    except (http.client.HTTPException, ValueError):
        code = "timeout" if overdue.is_set() else "protocol"
        raise Undeliverable(code, handed=handed) from None
    except OSError:
        code = "timeout" if overdue.is_set() else "connection"
        raise Undeliverable(code, handed=handed) from None
    finally:
        watch.cancel()
        connection.close()


def _exchange(
    connection: http.client.HTTPConnection,
    place: Place,
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answer:
    target = place.parts.path or "/"
    if place.parts.query:
        target += "?" + place.parts.query
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    usual = {"http": 80, "https": 443}[place.parts.scheme]
    host = f"[{place.host}]" if ":" in place.host else place.host
    connection.putheader("Host", host if place.port == usual else f"{host}:{place.port}")
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.putheader("Connection", "close")
    connection.endheaders(body)
    answer = connection.getresponse()
    after = answer.getheader("Retry-After") or _NOTHING_READ
    return Answer(
        answer.status,
        int(after) if re.fullmatch(r"[0-9]{1,9}", after) else None,
        answer.read(MOST_ANSWER),
        {name.lower(): value for name, value in answer.getheaders()},
    )


def _cut(connection: http.client.HTTPConnection, overdue: threading.Event) -> None:
    """End an exchange that takes too long, however slowly it still drips."""
    overdue.set()
    if connection.sock is not None:
        try:
            # Below TLS, whose own shutdown would forget the encryption under whoever reads.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself, or looks at `overdue` before it goes on


def _connection(
    place: Place, timeout: float, overdue: threading.Event
) -> http.client.HTTPConnection:
    if place.parts.scheme == "http":
        return _Plain(place, timeout, overdue)
    return _Tls(place, timeout, overdue)


class _Plain(http.client.HTTPConnection):
    """Connects to the address that was looked at, not to whatever the name leads to by now.

    `_cut` sets `overdue` and then shuts `sock`; here each new `sock` is put in place before
    `overdue` is looked at: one of both finds the other.
    """

    def __init__(self, place: Place, timeout: float, overdue: threading.Event) -> None:
        super().__init__(place.host, place.port, timeout=timeout)
        self._place = place
        self._overdue = overdue

    def connect(self) -> None:
        address = (self._place.address, self._place.port)
        self._use(socket.create_connection(address, self.timeout))

    def _use(self, sock: socket.socket) -> None:
        self.sock = sock
        if self._overdue.is_set():
            raise TimeoutError


class _Tls(_Plain):
    """The same over TLS; the certificate has to be for the name."""

    def connect(self) -> None:
        super().connect()
        wrapped = ssl.create_default_context().wrap_socket(
            self.sock, server_hostname=self._place.host, do_handshake_on_connect=False
        )
        self._use(wrapped)  # the first one is empty from here on
        wrapped.do_handshake()


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _port(parts: SplitResult) -> int:
    return parts.port or {"http": 80}.get(parts.scheme, 443)


def _refused(ja: str, en: str) -> Invalid:
    return Invalid(
        Text(f"この宛先には送れません。{ja}", f"This address cannot be sent to. {en}"),
        Text(
            "組織の外から届く https のアドレスを指定してください。組織内の宛先は、"
            "enishi.toml の [webhooks] allow に書かれたものだけ使えます。",
            "Name an https address that is reachable from outside. Addresses of your own network "
            "work only when enishi.toml names them under [webhooks] allow.",
        ),
        code="url_refused",
    )
