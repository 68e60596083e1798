"""Bytes to UTF-8: which encoding a file is in, and a stream of its physical lines."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

_SAMPLE = 1 << 20
BLOCK = 8 << 20
_LAST_RESORT = ("cp932", "euc_jp")
_UNDECODED = re.compile("[\udc80-\udcff]")


class Bytes(Protocol):
    """What a text reader needs of a file."""

    def read(self, size: int) -> bytes: ...


class CountedFile:
    """A file, gunzipped when it is gzip; `position` counts the bytes read from the disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        magic = self._file.read(2)
        self._file.seek(0)
        zipped = magic == b"\x1f\x8b"
        self._stream: Bytes = gzip.GzipFile(fileobj=self._file) if zipped else self._file

    @property
    def position(self) -> int:
        return self._file.tell()

    def read(self, size: int) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        self._file.close()


def detect_encoding(path: Path) -> str:
    """The encoding of a text file, by its BOM, else by what its bytes allow.

    The first bytes beyond ASCII decide, wherever they stand; plain ASCII counts as UTF-8.
    """
    file = CountedFile(path)
    try:
        sample = file.read(_SAMPLE)
        if sample.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in sample[:4096]:
            return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
        while sample.isascii():
            more = file.read(_SAMPLE)
            if not more:
                return "utf-8"
            sample = sample[-8:] + more
        return _by_content(sample)
    finally:
        file.close()


def _by_content(sample: bytes) -> str:
    wrong = _errors(sample, "utf-8")
    if wrong == 0:
        return "utf-8"
    errors = {name: _errors(sample, name) for name in _LAST_RESORT}
    if wrong * 20 <= min(errors.values()) + 20 and wrong < len(sample) // 50:
        return "utf-8"  # some lines in another encoding do not make the file another one
    if errors["cp932"] == errors["euc_jp"]:
        return "cp932" if _kana(sample, "cp932") >= _kana(sample, "euc_jp") else "euc_jp"
    return min(_LAST_RESORT, key=lambda name: errors[name])


def _errors(sample: bytes, encoding: str) -> int:
    """How many bytes of the whole lines of a sample the encoding does not know."""
    body = sample[: sample.rfind(b"\n") + 1] or sample
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return len(_UNDECODED.findall(body.decode(encoding, "surrogateescape")))
    return 0


def _kana(sample: bytes, encoding: str) -> int:
    text = sample.decode(encoding, "ignore")
    return sum("ぁ" <= c <= "ヶ" for c in text) - 2 * sum("\uff61" <= c <= "\uff9f" for c in text)


class Utf16AsUtf8:
    """Reads UTF-16 as UTF-8. A broken code unit becomes a byte that UTF-8 forbids, so that the
    row it stands in is found undecodable, and that row alone."""

    def __init__(self, file: CountedFile, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._rest = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        while not self._ended and len(self._rest) < size:
            chunk = self._file.read(size)
            self._ended = not chunk
            try:
                text = self._decoder.decode(chunk, self._ended)
            except UnicodeDecodeError:  # half a code unit at the end of the file
                text = "\udcff"
            self._rest += text.encode("utf-8", "surrogatepass")
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


class Lines:
    """The physical lines of a stream, numbered from 1, as blocks or one by one.

    Lines end with LF; a file that knows CR alone (classic Mac) is read as if it had LF. The end
    mark of old hosts (0x1A) at the end of the file is dropped.
    """

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream
        self._held = b""
        self._ended = False
        self._mac = False
        self._first = True
        self.line = 1  # the number of the next line

    def block(self, size: int = BLOCK) -> bytes:
        """Whole lines of about `size` bytes, the last one perhaps without its LF; b"" at the end.

        The caller must add the lines it used to `line`.
        """
        while not self._ended and (len(self._held) < size or b"\n" not in self._held):
            self._more(size)
        if len(self._held) <= size or b"\n" not in self._held:
            found, self._held = self._held, b""
            if not self._ended:
                cut = found.rfind(b"\n") + 1
                found, self._held = found[:cut], found[cut:]
            return found
        cut = self._held.rfind(b"\n", 0, size) + 1 or self._held.find(b"\n") + 1
        found, self._held = self._held[:cut], self._held[cut:]
        return found

    def next_line(self) -> bytes | None:
        """One line with its LF; None at the end."""
        while not self._ended and b"\n" not in self._held:
            self._more(1 << 16)
        if not self._held:
            return None
        cut = self._held.find(b"\n") + 1 or len(self._held)
        found, self._held = self._held[:cut], self._held[cut:]
        return found

    def peek(self) -> bytes | None:
        """The next line without taking it."""
        line = self.next_line()
        self._held = (line or b"") + self._held
        return line

    def __iter__(self) -> Iterator[bytes]:
        while (line := self.next_line()) is not None:
            yield line

    def _more(self, size: int) -> None:
        chunk = self._stream.read(size)
        if self._first and chunk:
            self._first = False
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
            self._mac = b"\r" in chunk and b"\n" not in chunk
        if self._mac:
            chunk = chunk.replace(b"\r", b"\n")
        if not chunk:
            self._ended = True
            if self._held.endswith(b"\x1a"):
                self._held = self._held[:-1]
        self._held += chunk


def open_lines(file: CountedFile, encoding: str) -> tuple[Lines, str]:
    """The lines of a file, and the encoding those lines are in (UTF-16 comes out as UTF-8)."""
    name = codecs.lookup(encoding).name
    if name.startswith("utf-16"):
        return Lines(Utf16AsUtf8(file, name)), "utf-8"
    if name == "shift_jis":  # what people call Shift JIS is the Windows code page
        name = "cp932"
    return Lines(file), "utf-8" if name == "utf-8-sig" else name
