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
LONGEST_BYTES = 16 << 20  # of a line, and of a record; what is longer is no table
_NUL_BELOW = "\u3000\u4e00"  # 一 and the wide blank: their second byte is a NUL in good UTF-16
HEAD_CHARACTERS = 1000  # of such a line, kept to find it by


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
        if b"\0" in sample[:4096] and (wide := _wide(sample[:4096])):
            return wide
        while sample.isascii():
            more = file.read(_SAMPLE)
            if not more:
                return "utf-8"
            sample = sample[-8:] + more
        return _by_content(sample)
    finally:
        file.close()


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a BOM: NULs beside nearly every ASCII character, on one side of it only.

    A stray NUL makes no UTF-16: read so, other text becomes signs that nobody writes. What passes
    is ASCII, an alphabet, or in the characters of Japanese.
    """
    even = sample[: len(sample) // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        text = even.decode(name, "replace")
        plain = sum("\0" < c <= "\xff" for c in text)
        odd = sum(not ord(c) & 0xFF and c not in _NUL_BELOW for c in text)
        if plain > odd * 10 and sum(_written(c) for c in text) >= len(text) * 0.9:
            return name
    return None


def _written(character: str) -> bool:
    if character < "\u2000":
        return character.isprintable() or character in "\t\r\n\x1a"
    return bool(character.encode("cp932", "ignore"))


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


class CutLine(bytes):
    """The beginning of a line longer than `LONGEST_BYTES`, and an LF; the rest is passed over."""


class Lines:
    """The physical lines of a stream, numbered from 1, as blocks or one by one.

    Lines end with LF; a file that knows CR alone (classic Mac) is read as if it had LF. The end
    mark of old hosts (0x1A) at the end of the file is dropped. Of a line longer than
    `LONGEST_BYTES` a `CutLine` comes, alone: memory stays within a few of them.
    """

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream
        self._held = b""
        self._ended = False
        self._mac = False
        self._first = True
        self._ahead: CutLine | None = None  # a line looked at already
        self.line = 1  # the number of the next line

    def block(self, size: int = BLOCK) -> bytes:
        """Whole lines of about `size` bytes, the last one perhaps without its LF; b"" at the end.

        The caller must add the lines it used to `line`.
        """
        if self._ahead is not None:
            return self.next_line() or b""
        while not self._ended and len(self._held) < size:
            self._more(size)
        if self._ended and len(self._held) <= size:
            found, self._held = self._held, b""
            return found
        cut = self._held.rfind(b"\n", 0, size) + 1
        if not cut:
            return self.next_line() or b""
        found, self._held = self._held[:cut], self._held[cut:]
        return found

    def next_line(self) -> bytes | None:
        """One line with its LF; None at the end."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return ahead
        end, looked = self._held.find(b"\n"), len(self._held)
        while end < 0 and not self._ended and looked <= LONGEST_BYTES:
            self._more(max(1 << 16, looked))
            end, looked = self._held.find(b"\n", looked), len(self._held)
        if not self._held:
            return None
        cut = end + 1 or len(self._held)
        if cut > LONGEST_BYTES:
            return self._cut()
        found, self._held = self._held[:cut], self._held[cut:]
        return found

    def _cut(self) -> CutLine:
        """The beginning of the line at hand, which is passed over to its end."""
        head = self._held[: 4 * HEAD_CHARACTERS].partition(b"\n")[0]
        while (end := self._held.find(b"\n")) < 0 and not self._ended:
            self._held = b""
            self._more(1 << 20)
        self._held = self._held[end + 1 :] if end >= 0 else b""
        return CutLine(head + b"\n")

    def peek(self) -> bytes | None:
        """The next line without taking it."""
        line = self.next_line()
        if isinstance(line, CutLine):
            self._ahead = line
        else:
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
