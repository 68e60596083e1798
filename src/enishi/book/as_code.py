"""Definitions as YAML files, whichever domain keeps them: reading, writing, faults by file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from enishi.book.jsontext import exact
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: the code of its faults, and where its form is shown."""

    code: str
    example: Text

    def read(self, path: Path, model: type[Model]) -> Model:
        """One file; raises Invalid with file, path and remedy of every fault."""
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())
            said = Text(f"YAML として読めません: {reason}", f"This is not YAML: {reason}")
            remedy = Text("示された場所を直してください。", "Correct the place named.")
            raise self.refused(path, [Fault("yaml", "$", said, remedy)]) from error
        try:
            return model.model_validate(exact(content))
        except ValidationError as error:
            faults = [self._fault(found) for found in error.errors()]
            raise self.refused(path, faults) from error

    def refused(self, path: Path, faults: Sequence[Fault]) -> Invalid:
        """The faults of one file, to be raised: the first in words, all of them naming the file."""
        first = faults[0]
        return Invalid(
            Text(
                f"{path.name} の {first.path}: {first.message.ja}",
                f"{path.name} at {first.path}: {first.message.en}",
            ),
            first.remedy,
            code=self.code,
            faults=tuple(Fault(f.code, f.path, f.message, f.remedy, path.name) for f in faults),
        )

    @contextmanager
    def naming(self, path: Path) -> Iterator[None]:
        """Let the faults of what is done inside name the file."""
        try:
            yield
        except Invalid as error:
            faults = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
            raise self.refused(path, faults) from error

    def refuse_twice(self, named: Iterable[tuple[Path, str]], where: str) -> None:
        """Raise Invalid when two files speak of one slug: which would count is left to chance.

        `where` is the JSON path of the slug in a file.
        """
        seen: dict[str, Path] = {}
        for path, slug in named:
            other = seen.setdefault(slug, path)
            if other is not path:
                said = Text(
                    f"「{slug}」は {other.name} にもあります。",
                    f"{slug} stands in {other.name} too.",
                )
                remedy = Text("どちらか一方を消してください。", "Remove one of the two.")
                raise self.refused(path, [Fault("slug_twice", where, said, remedy)])

    def _fault(self, found: Any) -> Fault:
        where = "$" + "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]
        )
        said = str(found["msg"])
        message = Text(f"形が正しくありません: {said}", said)
        return Fault(str(found["type"]), where, message, self.example)


def write(path: Path, content: dict[str, Any]) -> Path:
    """Write one file; a number has the digits that a float has."""
    plain = {name: _plain(part) for name, part in content.items()}
    text = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)
    path.write_text(text, encoding="utf-8")
    return path


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
