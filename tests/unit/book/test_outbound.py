"""Requests to typed-in addresses: what is refused, what is pinned, what is cut short."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.book.outbound import (
    MOST_ANSWER,
    Place,
    Undeliverable,
    _connection,
    _cut,
    check_url,
    is_public,
    locate,
    post,
)
from enishi.kernel.errors import Invalid

PRIVATE = [
    "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "192.0.2.7", "240.0.0.1", "::1", "::",
    "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe", "::127.0.0.1", "::ffff:0:127.0.0.1", "fec0::1",
    "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_our_own_network_is_not_connected_to(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid) as refused:
        check_url(f"https://{host}/hook")
    assert refused.value.code == "url_refused"
    with pytest.raises(Undeliverable) as undeliverable:
        locate("https://hooks.example.com/x", resolve=lambda *_: [address])
    assert undeliverable.value.code == "refused_address"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Undeliverable):
        locate("https://hooks.example.com/", resolve=lambda *_: ["8.8.8.8", "127.0.0.1"])
    found = locate("https://hooks.example.com/", resolve=lambda *_: ["2606:4700::1", "8.8.8.8"])
    assert found.address == "8.8.8.8"


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_other_spellings_of_the_own_machine_are_resolved_before_they_are_believed(
    spelling: str,
) -> None:
    with pytest.raises(Undeliverable) as undeliverable:
        locate(f"https://{spelling}/")
    assert undeliverable.value.code in ("refused_address", "not_found")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "", "https://",
        "https://user:secret@hooks.example.com/", "https://hooks.example.com/\r\nHost: x",
        "https://hooks.example.com/a b", "https://hooks.example.com/#x", "https://exa_mple.com/",
        "https://hooks.example.com:99999/", "https://[::1", "https://hooks.example.com\\@127.0.0.1/",
        "https://" + "a" * 3000 + ".example.com/", "//hooks.example.com/", "https://日本.jp/",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url)


@given(st.text(max_size=60))
def test_no_text_makes_the_check_stumble(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        with contextlib.suppress(Invalid):
            check_url(url)


@given(st.ip_addresses(v=4))
def test_wrapped_addresses_are_as_public_as_what_they_wrap(address: Any) -> None:
    import ipaddress

    number = int(address)
    for outer in (0xFFFF << 32 | number, 0x64FF9B << 96 | number):
        assert is_public(ipaddress.IPv6Address(outer)) == is_public(address)


class _Handler(BaseHTTPRequestHandler):
    heard: list[tuple[str, str, bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, self.headers["Host"], body))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/landed")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/busy":
            self.send_response(503)
            self.send_header("Retry-After", "7")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (MOST_ANSWER * 4))

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    _Handler.heard = []
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()


def test_a_named_host_of_the_own_network_is_sent_to_over_plain_http(server: str) -> None:
    with pytest.raises(Invalid):
        post(f"http://{server}/hook", b"{}", {})
    answer = post(f"http://{server}/hook?a=1", b"{}", {"X-A": "b"}, allow=[server])
    assert answer.status == 200
    assert len(answer.body) <= MOST_ANSWER
    assert _Handler.heard == [("/hook?a=1", server, b"{}")]
    with pytest.raises(Invalid):
        post(f"http://{server}/hook", b"{}", {}, allow=["127.0.0.1:1"])


def test_a_redirect_is_an_answer_and_a_wish_to_wait_is_read(server: str) -> None:
    assert post(f"http://{server}/moved", b"{}", {}, allow=[server]).status == 302
    assert [path for path, _, _ in _Handler.heard] == ["/moved"]
    assert post(f"http://{server}/busy", b"{}", {}, allow=[server]).retry_after == 7


def test_a_name_is_resolved_once_and_connected_to_as_it_was_looked_at(server: str) -> None:
    port = server.split(":")[1]
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.9"]

    url = f"http://hooks.internal:{port}/x"
    answer = post(url, b"{}", {}, allow=["hooks.internal"], resolve=resolve)
    assert (answer.status, asked) == (200, ["hooks.internal"])
    assert _Handler.heard[0][1] == f"hooks.internal:{port}"


def test_who_drips_is_cut_off_and_who_is_silent_too() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        for wait in (0.02, 5.0):
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(wait):
                try:
                    connection.sendall(b"X-Drip: 1\r\n")
                except OSError:
                    break
            connection.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    place = f"127.0.0.1:{listener.getsockname()[1]}"
    for _ in ("dripping", "silent"):
        begun = time.monotonic()
        with pytest.raises(Undeliverable) as undeliverable:
            post(f"http://{place}/", b"{}", {}, allow=[place], timeout=0.4)
        assert undeliverable.value.code in ("timeout", "protocol")
        assert time.monotonic() - begun < 3
    over.set()
    listener.close()
    with pytest.raises(Undeliverable) as undeliverable:
        post(f"http://{place}/", b"{}", {}, allow=[place], timeout=0.4)
    assert undeliverable.value.code == "connection"


def test_the_time_is_up_during_a_handshake_too() -> None:
    """The watch comes once; who is connecting then finds it, or is found by it."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    place = Place(urlsplit(f"https://127.0.0.1:{port}/"), "127.0.0.1", port, "127.0.0.1")
    overdue = threading.Event()
    connection = _connection(place, 30.0, overdue)

    def cut() -> None:
        accepted, _ = listener.accept()
        accepted.recv(65536)  # its hello: it is in the middle of the handshake
        _cut(connection, overdue)
        over.wait(10)
        accepted.close()

    over = threading.Event()
    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(OSError):
        connection.connect()
    assert time.monotonic() - begun < 5
    over.set()
    thread.join()
    connection.close()
    for scheme in ("http", "https"):
        late = _connection(
            Place(urlsplit(f"{scheme}://127.0.0.1:{port}/"), "127.0.0.1", port, "127.0.0.1"),
            30.0, overdue,
        )  # fmt: skip
        with pytest.raises(TimeoutError):
            late.connect()
        late.close()
    listener.close()


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Any) -> None:
    import ssl
    import subprocess

    key, certificate = tmp_path / "k.pem", tmp_path / "c.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
         certificate, "-days", "2", "-subj", "/CN=127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    made.handle_error = lambda *_: None  # type: ignore[method-assign]  # the handshake is refused
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    place = f"127.0.0.1:{made.server_address[1]}"
    _Handler.heard = []
    with pytest.raises(Undeliverable) as undeliverable:
        post(f"https://{place}/", b"{}", {}, allow=[place])
    assert undeliverable.value.code == "certificate"
    assert _Handler.heard == []
    made.shutdown()
    made.server_close()
