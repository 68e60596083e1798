"""What a send says: to whom, with which template, when and how fast."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from enishi.book.jsontext import exact

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Json = Annotated[dict[str, Any], BeforeValidator(exact)]
FASTEST = 10_000_000


def _in_any_zone(at: datetime) -> datetime:
    if not 1900 <= at.year <= 2999:
        raise ValueError("Give a time between the years 1900 and 2999.")
    return at


When = Annotated[AwareDatetime, AfterValidator(_in_any_zone)]


class Part(BaseModel):
    """Unknown members are refused, so that a misspelling is seen."""

    model_config = ConfigDict(extra="forbid")


class SendHoldout(Part):
    """A part of the people who get nothing, to compare the others with.

    Who it is follows from `salt` and the person alone: the same salt holds the same people out of
    another send. Empty: the send's own.
    """

    percent: float = Field(ge=0.01, le=90)
    salt: str = Field(default="", max_length=80)


class SendBody(Part):
    """A one-off send.

    The audience is everybody of whom `rule` holds among those in any of `segments`; one of the two
    may be missing. Those in any of `exclude` are left out, and told as such. The purpose, the
    product and the channel are the template's. `per_hour` is the most that are begun in an hour;
    `at` when the first is. `drift`: by how many percent the audience may differ from what was
    previewed, at dispatch and when it is prepared.
    """

    template: Slug
    segments: list[Slug] = Field(default=[], max_length=50)
    rule: Json | None = None
    exclude: list[Slug] = Field(default=[], max_length=50)
    holdout: SendHoldout | None = None
    sender: str = Field(default="", max_length=64)
    per_hour: int | None = Field(default=None, ge=1, le=FASTEST)
    at: When | None = None
    drift: float = Field(default=5, ge=0, le=100)
    priority: int = Field(default=0, ge=-1000, le=1000)
