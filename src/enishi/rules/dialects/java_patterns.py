"""RE2 patterns written for Java's regular expressions, to find the same.

The two agree on most of their syntax. What is written alike but means another thing is rewritten:
`.` and `$` beside other line ends than the newline, `\\s` without the vertical tab, brackets inside
classes, names of POSIX classes and scripts, case beyond ASCII. What Java has no like of is refused.

So is a group that repeats although each turn could match in several ways, `(a+)+` or `(a|aa)*`: RE2
takes time in proportion to the text, Java tries all the ways, and would not end in our lifetime.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf

from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F", "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~",
    "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\x0B\f\r ", "upper": "A-Z", "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_GENERAL = re.compile(r"[CLMNPSZ][a-z]?")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]*))?([:)])")
_NAMED = re.compile(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_REPEAT = re.compile(r"\{\d+(,\d*)?\}")
_REPEATED = re.compile(r"[*+]|\{(\d+)(?:(,)(\d*))?\}")
_FEW = 5
"""So many turns of a group that can match in several ways are still soon tried."""
_SAME = frozenset("dDwWtnrf")
_W = "[0-9A-Za-z_]"
_BOUNDS = {
    "A": r"\A",
    "z": r"\z",
    "b": f"(?:(?<={_W})(?!{_W})|(?<!{_W})(?={_W}))",
    "B": f"(?:(?<={_W})(?={_W})|(?<!{_W})(?!{_W}))",
}


class NotPortable(EnishiError):
    """A pattern that this engine cannot find as the warehouse's own does."""

    code = "pattern_not_portable"

    @classmethod
    def of(cls, what: str) -> NotPortable:
        """`what`: the part of the pattern that has no like."""
        return cls(
            Text(
                f"この倉庫では、パターンに {what} を使えません。",
                f"This warehouse cannot search with {what} in a pattern.",
            ),
            Text("ほかの書き方に変えてください。", "Write the pattern another way."),
        )


def java_pattern(pattern: str) -> str:
    """A valid RE2 pattern as Java's. Raises `NotPortable`."""
    return _Translation(pattern).whole()


@dataclass
class _Group:
    """An open group. `starts`: the character that each of its alternatives begins with so far, None
    where that cannot be told; `loose`: whether a part of it can match in several ways."""

    starts: list[str | None] = field(default_factory=list)
    fresh: bool = True  # nothing of the present alternative has been read yet
    loose: bool = False

    def begin(self, character: str) -> None:
        """An item of an alternative."""
        if self.fresh:
            self.starts.append(character.casefold() if character.isalnum() else None)
            self.fresh = False

    def alternative(self) -> None:
        if self.fresh:
            self.starts.append(None)
        self.fresh = True

    @property
    def many_ways(self) -> bool:
        alike = None in self.starts or len(set(self.starts)) < len(self.starts)
        return self.loose or (len(self.starts) > 1 and alike)


class _Translation:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0
        self.open = [_Group()]

    def whole(self) -> str:
        # (?d): the only character that `.` does not take is the newline.
        found = ["(?d)"]
        while self.place < len(self.pattern):
            found.append(self._item())
        return "".join(found)

    def _item(self) -> str:
        character = self.pattern[self.place]
        if character == ")":
            self._close()
        elif character == "|":
            self.open[-1].alternative()
        elif character in "*+?":
            self.open[-1].loose = True
        elif character not in "({":
            self.open[-1].begin(character)
        if character == "\\":
            return self._escape(inside=False)
        if character == "[":
            return self._class()
        if character == "(":
            return self._group()
        if character == "{":
            return self._braces()
        self.place += 1
        if character == "$":
            return r"\z"  # Java's `$` also stands before a last newline
        return f"\\{character}" if character in "}]" else character

    def _braces(self) -> str:
        found = _REPEAT.match(self.pattern, self.place)
        if found is None:
            self.place += 1
            self.open[-1].begin("{")
            return r"\{"
        self.place = found.end()
        if found.group(1) is not None:
            self.open[-1].loose = True
        return found.group()

    def _close(self) -> None:
        """A group ends. Raises `NotPortable` where it repeats and can match in several ways."""
        if self.open[-1].fresh:
            self.open[-1].alternative()
        found = self.open.pop()
        if found.many_ways and self._most_turns() > _FEW:
            raise NotPortable.of("(…)*")
        self.open[-1].loose |= found.many_ways

    def _most_turns(self) -> float:
        """How often at most the group that ends here matches in a row."""
        found = _REPEATED.match(self.pattern, self.place + 1)
        if found is None:
            return 1
        least, comma, most = found.groups()
        return inf if least is None or (comma and not most) else int(most or least)

    def _group(self) -> str:
        flags = _FLAGS.match(self.pattern, self.place)
        if flags is not None:
            for letter in "mU":
                if letter in flags.group(1):
                    raise NotPortable.of(f"(?{letter})")
            self.place = flags.end()
            if flags.group(3) == ":":
                self._opened()
            on = flags.group(1).replace("i", "iu")
            off = re.sub("[mU]", "", flags.group(2) or "").replace("i", "iu")
            return f"(?{on}{'-' + off if off else ''}{flags.group(3)}"
        named = _NAMED.match(self.pattern, self.place)
        if named is not None:
            # Names are never used; Java allows fewer characters in them.
            self.place = named.end()
        else:
            self.place += 1
        self._opened()
        return "("

    def _opened(self) -> None:
        self.open[-1].begin("(")
        self.open.append(_Group())

    # ── escapes ──────────────────────────────────────────────────────────────────────────────────

    def _escape(self, *, inside: bool) -> str:
        character = self.pattern[self.place + 1]
        self.place += 2
        if character == "Q":
            return self._quoted()
        if character in "pP":
            return self._property(character)
        if character == "x":
            return self._hexadecimal()
        if character in _SAME:
            return f"\\{character}"
        if character == "s":
            return r"\t\n\f\r " if inside else r"[\t\n\f\r ]"
        if character == "S":
            if inside:
                raise NotPortable.of(r"[\S]")
            return r"[^\t\n\f\r ]"
        if character == "a":
            return r"\x07"
        if character == "v":
            return r"\x0B"
        if character in "01234567":
            return self._octal(character)
        if not inside and character in _BOUNDS:
            return _BOUNDS[character]
        if character.isascii() and not character.isalnum():
            return f"\\{character}"
        raise NotPortable.of(f"\\{character}")

    def _quoted(self) -> str:
        end = self.pattern.find("\\E", self.place)
        stop = len(self.pattern) if end < 0 else end
        text = self.pattern[self.place : stop]
        self.place = len(self.pattern) if end < 0 else end + 2
        return "".join(_literal(c) for c in text)

    def _property(self, letter: str) -> str:
        if self.pattern[self.place] == "{":
            end = self.pattern.index("}", self.place)
            name = self.pattern[self.place + 1 : end]
            self.place = end + 1
        else:
            name = self.pattern[self.place]
            self.place += 1
        if name.startswith("^"):
            name, letter = name[1:], "P" if letter == "p" else "p"
        if name == "Any":
            raise NotPortable.of(r"\p{Any}")
        return f"\\{letter}{{{name if _GENERAL.fullmatch(name) else 'Is' + name}}}"

    def _hexadecimal(self) -> str:
        if self.pattern[self.place] == "{":
            end = self.pattern.index("}", self.place) + 1
        else:
            end = self.place + 2
        found = self.pattern[self.place : end]
        self.place = end
        return f"\\x{found}"

    def _octal(self, first: str) -> str:
        digits = first
        while len(digits) < 3 and self.pattern[self.place : self.place + 1] in tuple("01234567"):
            digits += self.pattern[self.place]
            self.place += 1
        return f"\\x{{{int(digits, 8):x}}}"

    # ── classes ──────────────────────────────────────────────────────────────────────────────────

    def _class(self) -> str:
        self.place += 1
        found = ["["]
        if self.pattern[self.place] == "^":
            found.append("^")
            self.place += 1
        first = True
        while first or self.pattern[self.place] != "]":
            first = False
            if self.pattern.startswith("[:", self.place):
                found.append(self._posix())
            elif self.pattern[self.place] == "\\":
                found.append(self._escape(inside=True))
            else:
                character = self.pattern[self.place]
                found.append(character if character == "-" else _literal(character))
                self.place += 1
        self.place += 1
        return "".join([*found, "]"])

    def _posix(self) -> str:
        end = self.pattern.index(":]", self.place)
        name = self.pattern[self.place + 2 : end]
        self.place = end + 2
        if name.startswith("^"):
            raise NotPortable.of(f"[[:{name}:]]")
        return _POSIX[name]


def _literal(character: str) -> str:
    return f"\\{character}" if character.isascii() and not character.isalnum() else character
