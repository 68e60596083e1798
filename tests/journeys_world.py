"""Journeys for the tests: a template that is approved, a body that can go live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from book_fixtures import ApiClient
    from lists_world import Bank

BODY: dict[str, Any] = {
    "purpose": "deposits",
    "entries": [{"kind": "api"}],
    "start": "mail",
    "steps": {
        "mail": {
            "kind": "message",
            "template": "hello",
            "card": {"who": "w", "what": "x", "why": "y"},
        }
    },
    "conversions": [{"event": ["deposit_made"]}],
}


def approved_template(slug: str = "hello", channel: str = "sms", purpose: str = "deposits") -> str:
    """A template with an approved version; its slug."""
    from enishi.messages.models import Template, TemplateVersion

    template = Template.objects.create(
        slug=slug, name="Hello", channel=channel, purpose=purpose, owner="u", created_by="u"
    )
    TemplateVersion.objects.create(
        template=template, number=1, state="approved", body={"kind": channel, "text": "Hello"},
        created_by="u",
    )  # fmt: skip
    return slug


def made_journey(
    bank: Bank, body: dict[str, Any] | None = None, *, name: str = "Journey", live: bool = False
) -> str:
    """A journey written by the marketer, with `live` put live by the manager; its slug."""
    api = bank.api("marketer")
    made = api.post("journeys", {"name": name})
    assert made.status_code == 201, made.content.decode()
    slug = str(made.json()["slug"])
    saved = api.put(f"journeys/{slug}/draft", {"body": body or BODY})
    assert saved.status_code == 200, saved.content.decode()
    if live:
        sent = api.post(f"journeys/{slug}/submit")
        assert sent.status_code == 200, sent.content.decode()
        done = go_live(bank.api("manager"), slug)
        assert done.status_code == 200, done.content.decode()
    return slug


def go_live(api: ApiClient, slug: str, number: int | None = None, **more: Any) -> Any:
    """The answer to putting the version live that this user reads now."""
    shown = api.get(f"journeys/{slug}").json()["shown"]
    read = {"number": number or shown["number"], "seen": shown["changed_at"]}
    return api.post(f"journeys/{slug}/go-live", read | more)
