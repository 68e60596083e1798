"""What the API of templates and images says and takes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from enishi.gate.schemas import PersonRef
from enishi.messages.wording.bodies import AnyBlock, Line, Source, TemplateBody, Theme

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Note = Annotated[str, StringConstraints(max_length=2000)]
ChannelName = Literal["email", "sms", "line", "push", "webhook", "person"]
StateName = Literal["draft", "review", "approved", "replaced"]


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class TemplateCheck(Schema):
    """A finding of the law and spam checks. `refuse` keeps the version from being submitted."""

    code: str
    level: Literal["refuse", "warn"]
    path: str
    message: str
    remedy: str


class TemplateVersionBrief(Schema):
    id: str
    number: int
    state: StateName
    note: str
    created_by: PersonRef
    created_at: datetime
    changed_by: PersonRef | None
    changed_at: datetime | None
    submitted_by: PersonRef | None
    submitted_at: datetime | None
    decided_by: PersonRef | None
    decided_at: datetime | None
    decision_note: str


class TemplateVersionOut(TemplateVersionBrief):
    """`approvable`: whether the one who asks may approve it; `own_work` otherwise says that she
    has worked on it herself. `wording` is the digest of the body."""

    body: TemplateBody
    wording: str
    checks: list[TemplateCheck]
    approvable: bool
    own_work: bool


class TemplateOut(Schema):
    """`approved` is what is sent; `work` is the version being written or reviewed."""

    id: str
    slug: str
    name: str
    channel: ChannelName
    purpose: str
    purpose_label: str
    purpose_class: Literal["promotion", "service", "transactional"]
    product: str
    owner: PersonRef
    created_by: PersonRef
    created_at: datetime
    archived_at: datetime | None
    subject: str  # subject, title or first words of the newest version
    approved: TemplateVersionBrief | None
    work: TemplateVersionBrief | None


class TemplatesOut(Schema):
    items: list[TemplateOut]
    total: int


class TemplateDetail(TemplateOut):
    """With the wordings themselves."""

    approved_version: TemplateVersionOut | None
    work_version: TemplateVersionOut | None


class TemplateIn(Strict):
    """A new template; without a body it begins with a starter (see GET /templates/starters)."""

    slug: Slug
    name: Name
    channel: ChannelName
    purpose: str = Field(min_length=1, max_length=64)
    product: str = Field(default="", max_length=64)
    starter: str = Field(default="", max_length=64)
    body: TemplateBody | None = None
    note: Note = ""


class TemplatePatch(Strict):
    name: Name | None = None
    owner: str | None = Field(default=None, max_length=40)


class TemplateDraftIn(Strict):
    """`changed_at` of the draft as it was read: another one's change in between is a conflict."""

    body: TemplateBody
    note: Note = ""
    seen: datetime | None = None


class TemplateDecision(Strict):
    """`version` and `wording` are those of the version as it was read, so that nobody approves
    another text than she has seen."""

    version: str = Field(max_length=40)
    wording: str = Field(min_length=1, max_length=64)
    note: Note = ""


class TemplateVersionRef(Strict):
    version: str = Field(max_length=40)


class TemplateVersions(Schema):
    items: list[TemplateVersionBrief]
    total: int


class DiffLine(Schema):
    op: Literal["same", "added", "removed"]
    text: str


class FieldChange(Schema):
    """One part of the body that differs. `lines` compares its text line by line."""

    path: str
    what: Literal["added", "removed", "changed"]
    before: str
    after: str
    lines: list[DiffLine]


class TemplateDiff(Schema):
    before: TemplateVersionBrief
    after: TemplateVersionBrief
    changes: list[FieldChange]
    text: list[DiffLine]  # how the message reads in plain text, before and after


class TemplateTest(Strict):
    """For whom a trial is filled in; empty: with sample values. It goes to the author alone."""

    person: str = Field(default="", max_length=200)


class TemplateTested(Schema):
    """How a trial ended, in words. `live`: it left the machine; else it is in the mailbox."""

    ok: bool
    state: Literal["sent", "refused", "later", "unknown"]
    code: str
    message: str
    live: bool
    address: str


class TemplatePreviewIn(Strict):
    """A body as it is being written, or a stored version; for a person, or with sample values.

    `person` is a customer number or Enishi id; the look is recorded. `given` are values that a
    journey's entry would have brought.
    """

    body: TemplateBody | None = None
    version: str = Field(default="", max_length=40)
    purpose: str = Field(default="", max_length=64)
    product: str = Field(default="", max_length=64)
    person: str = Field(default="", max_length=200)
    given: dict[str, Any] = Field(default_factory=dict, max_length=60)


class SmsOut(Schema):
    """`units` are GSM-7 septets or UCS-2 characters; a message of one segment takes 160 or 70."""

    encoding: Literal["gsm-7", "ucs-2"]
    units: int
    segments: int
    left: int


class TemplatePerson(Schema):
    id: str
    name: str


class TemplatePreview(Schema):
    """As it would be sent. `missing` are fields without value and default: nothing would be sent.
    `masked` are fields that the reader's role sees as stars."""

    channel: ChannelName
    subject: str
    preheader: str
    sender_name: str
    html: str
    text: str
    payload: Any
    url: str
    sms: SmsOut | None
    size: int  # bytes of the HTML
    person: TemplatePerson | None
    missing: list[str]
    defaulted: list[str]
    masked: list[str]
    checks: list[TemplateCheck]
    error: str  # why nothing was rendered; empty otherwise


class MjmlIn(Strict):
    blocks: list[AnyBlock] | None = Field(default=None, max_length=100)
    theme: Theme = Field(default_factory=Theme)
    mjml: Source | None = None
    preheader: Line = ""
    language: Literal["ja", "en"] = "ja"


class MjmlOut(Schema):
    mjml: str
    html: str


class StarterOut(Schema):
    """A beginning for a template, ready to be filled in."""

    name: str
    label: str
    description: str
    channel: ChannelName
    body: TemplateBody


class StartersOut(Schema):
    items: list[StarterOut]


class TemplateWord(Schema):
    """A name that stands in Liquid, with what it gives."""

    name: str
    label: str
    example: str


class TemplateFilter(Schema):
    name: str
    label: str


class TemplateWords(Schema):
    """What an author may write: reserved names, filters, purposes."""

    names: list[TemplateWord]
    filters: list[TemplateFilter]


class AssetOut(Schema):
    id: str
    name: str
    digest: str
    kind: str
    width: int
    height: int
    size: int
    alt: str
    url: str
    created_by: PersonRef
    created_at: datetime
    archived_at: datetime | None
    used_by: list[str]  # slugs of the templates whose newest versions show it


class AssetsOut(Schema):
    items: list[AssetOut]
    total: int


class AssetIn(Strict):
    """`content` is the file in base64: PNG, JPEG, GIF or WebP, at most 5 MB."""

    name: Name
    alt: Line = ""
    content: str = Field(min_length=1, max_length=7_500_000)


class AssetPatch(Strict):
    name: Name | None = None
    alt: Line | None = None
