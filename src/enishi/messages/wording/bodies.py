"""What a template says: one shape for the API, for YAML files and for the stored version.

Every text is Liquid over the template's `fields` and the reserved names (`RESERVED`).
A mail is drawn from blocks or from MJML; both end as the same MJML (see `blocks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    model_validator,
)

from enishi.book.jsontext import exact

Json: TypeAlias = Annotated[dict[str, Any], BeforeValidator(exact)]
FieldName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Colour: TypeAlias = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Line: TypeAlias = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\r\n\x00]*$")]
Url: TypeAlias = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\r\n\x00]*$")]
Prose: TypeAlias = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Source: TypeAlias = Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
Align: TypeAlias = Literal["left", "center", "right"]
ValueFormat: TypeAlias = Literal[
    "auto", "text", "number", "money", "money_man", "percent", "date", "datetime", "time", "list"
]
MOST_BLOCKS = 100


class Part(BaseModel):
    """A part of a body: unknown members are refused, so that a misspelling is seen."""

    model_config = ConfigDict(extra="forbid")


class FieldLabel(Part):
    ja: str = Field(default="", max_length=200)
    en: str = Field(default="", max_length=200)


class TemplateField(Part):
    """A value of the rule language, asked of each person. `default` stands where it is unset."""

    value: Json
    default: Line | None = None
    format: ValueFormat = "auto"
    label: FieldLabel = Field(default_factory=FieldLabel)


class Addressing(Part):
    """宛名 and 敬称. `name` and `company` are values; without `name` the person's own is asked.

    `auto`: 御中 after an organisation alone, 様 after a person, and never both. `unknown` stands
    where there is no name; nothing is put after it.
    """

    name: Json | None = None
    company: Json | None = None
    department: Json | None = None
    honorific: Literal["auto", "様", "さま", "none"] = "auto"
    unknown: Line = "お客さま"


# ── blocks of a mail ───────────────────────────────────────────────────────────────────────────


class Block(Part):
    """`when` names a field: where it is unset, false or empty the block is left out."""

    when: FieldName | None = None


class HeadingBlock(Block):
    kind: Literal["heading"] = "heading"
    text: Line
    level: Literal[1, 2, 3] = 1
    align: Align = "left"


class TextBlock(Block):
    """Paragraphs parted by an empty line; `**bold**`, `[label](address)`, lists (`- `, `1. `)."""

    kind: Literal["text"] = "text"
    text: Prose
    align: Align = "left"
    tone: Literal["normal", "muted", "notice"] = "normal"


class ImageBlock(Block):
    """`asset` is the id of an image of ours. `alt` may be empty where it only adorns."""

    kind: Literal["image"] = "image"
    asset: str = Field(max_length=40)
    alt: Line = ""
    url: Url = ""
    width: int | None = Field(default=None, ge=16, le=600)
    align: Align = "center"


class ButtonBlock(Block):
    kind: Literal["button"] = "button"
    label: Line
    url: Url
    align: Align = "center"
    style: Literal["primary", "plain"] = "primary"


class DividerBlock(Block):
    kind: Literal["divider"] = "divider"


class SpacerBlock(Block):
    kind: Literal["spacer"] = "spacer"
    height: int = Field(default=24, ge=4, le=160)


class FooterBlock(Block):
    """What the law asks for: who sends, where, whom to ask, and the link to refuse more."""

    kind: Literal["footer"] = "footer"
    sender: Line = ""
    address: Line = ""
    contact: Line = ""
    note: Prose = ""
    unsubscribe: bool = True
    preferences: bool = True


class MjmlBlock(Block):
    """MJML of the author's own, at the place of a section: `<mj-section>…`."""

    kind: Literal["mjml"] = "mjml"
    mjml: Source


SimpleBlock: TypeAlias = Annotated[
    HeadingBlock | TextBlock | ImageBlock | ButtonBlock | DividerBlock | SpacerBlock,
    Field(discriminator="kind"),
]


class MailColumn(Part):
    """`width` in percent of the mail; columns without one share what is left."""

    width: int | None = Field(default=None, ge=10, le=90)
    blocks: list[SimpleBlock] = Field(default_factory=list, max_length=MOST_BLOCKS)


class ColumnsBlock(Block):
    """Side by side on a wide screen, below each other on a telephone."""

    kind: Literal["columns"] = "columns"
    columns: list[MailColumn] = Field(min_length=1, max_length=3)


AnyBlock: TypeAlias = Annotated[
    HeadingBlock
    | TextBlock
    | ImageBlock
    | ButtonBlock
    | DividerBlock
    | SpacerBlock
    | ColumnsBlock
    | FooterBlock
    | MjmlBlock,
    Field(discriminator="kind"),
]


class Theme(Part):
    """Colours of a mail by day; by night they are derived (see `blocks`)."""

    page: Colour = "#f3f4f6"
    paper: Colour = "#ffffff"
    ink: Colour = "#1f2933"
    accent: Colour = "#0b5cad"
    radius: int = Field(default=6, ge=0, le=32)


class BlocksDesign(Part):
    blocks: list[AnyBlock] = Field(max_length=MOST_BLOCKS)
    theme: Theme = Field(default_factory=Theme)


class MjmlDesign(Part):
    mjml: Source


def _drawn_by(design: object) -> str:
    """Which kind of design is meant, so that faults speak of that kind alone."""
    if isinstance(design, MjmlDesign) or (isinstance(design, dict) and "mjml" in design):
        return "mjml"
    return "blocks"


Design: TypeAlias = Annotated[
    Annotated[BlocksDesign, Tag("blocks")] | Annotated[MjmlDesign, Tag("mjml")],
    Discriminator(_drawn_by),
]


# ── bodies ─────────────────────────────────────────────────────────────────────────────────────


class Body(Part):
    """What all kinds have. `language` decides how numbers, dates and names are written."""

    fields: dict[FieldName, TemplateField] = Field(default_factory=dict, max_length=60)
    addressing: Addressing = Field(default_factory=Addressing)
    language: Literal["ja", "en"] = "ja"

    @model_validator(mode="after")
    def _own_names(self) -> Body:
        taken = sorted(set(self.fields) & RESERVED)
        if taken:
            raise ValueError(f"fields: {', '.join(taken)} has a meaning of its own")
        return self


class EmailMessage(Body):
    """A mail. `text` is its plain part; without one it is made from the design.

    `sender_name` and `reply_to` go before those of the sender that is set up.
    """

    kind: Literal["email"] = "email"
    subject: Line
    preheader: Line = ""
    sender_name: Line = ""
    reply_to: Line = ""
    design: Design
    text: Prose | None = None
    charset: Literal["utf-8", "iso-2022-jp"] = "utf-8"


class SmsMessage(Body):
    kind: Literal["sms"] = "sms"
    text: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class LineText(Part):
    kind: Literal["text"] = "text"
    text: Annotated[str, StringConstraints(max_length=5000)]


class LineFlex(Part):
    """A Flex message: `contents` as LINE defines it, with Liquid in its texts."""

    kind: Literal["flex"] = "flex"
    alt: Line
    contents: Json


class LineImage(Part):
    kind: Literal["image"] = "image"
    asset: str = Field(max_length=40)


class LineMessage(Body):
    kind: Literal["line"] = "line"
    messages: list[
        Annotated[LineText | LineFlex | LineImage, Field(discriminator="kind")]
    ] = Field(min_length=1, max_length=5)  # fmt: skip


class PushMessage(Body):
    kind: Literal["push"] = "push"
    title: Line
    body: Annotated[str, StringConstraints(max_length=1000)]
    url: Url = ""
    icon: str = Field(default="", max_length=40)


class WebhookMessage(Body):
    """`json` is JSON whose texts hold Liquid; a text that is nothing but one output, such as
    `"{{ balance }}"`, becomes the value itself: a number stays a number. `unsubscribe_url` and
    `preferences_url` are empty unless `person_links` is set: whoever has such an address changes
    what the person has consented to."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: Literal["webhook"] = "webhook"
    url: Url
    content: Source = Field(alias="json")
    person_links: bool = False


class PersonMessage(Body):
    """What a human is asked to say or do."""

    kind: Literal["person"] = "person"
    title: Line
    text: Prose = ""


TemplateBody: TypeAlias = Annotated[
    EmailMessage | SmsMessage | LineMessage | PushMessage | WebhookMessage | PersonMessage,
    Field(discriminator="kind"),
]
BODY: TypeAdapter[TemplateBody] = TypeAdapter(TemplateBody)

RESERVED = frozenset(
    {
        "person", "salutation", "sender", "unsubscribe_url", "preferences_url", "given", "today",
        "forloop", "tablerowloop", "empty", "blank", "nil", "true", "false", "contains", "and",
        "or", "not", "in", "with", "as", "for", "if", "else",
    }
)  # fmt: skip
"""Names in Liquid that no field may take."""


def stored(body: TemplateBody) -> dict[str, object]:
    """A body as it is kept: without what was not said."""
    return body.model_dump(exclude_none=True, by_alias=True)


def all_blocks(blocks: list[AnyBlock]) -> Iterator[tuple[str, AnyBlock]]:
    """Every block with its path below `blocks`, those in columns after the columns they are in."""
    for position, block in enumerate(blocks):
        yield f"[{position}]", block
        if isinstance(block, ColumnsBlock):
            for number, column in enumerate(block.columns):
                for place, inner in enumerate(column.blocks):
                    yield f"[{position}].columns[{number}].blocks[{place}]", inner
