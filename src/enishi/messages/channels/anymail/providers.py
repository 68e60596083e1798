"""The providers of django-anymail, and which of our settings each takes under which name.

Amazon SES is not among them: anymail drives it by boto3, which would be our largest dependency by
far. It is used through its SMTP endpoint, with the provider `smtp`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Esp:
    """One provider. `settings`: the back end's keyword → our setting or secret. `tracking`: the
    view that reads its webhook, none where it has none. `signed`: the view's keywords → ours, where
    the provider signs what it sends; else its webhook's address carries the user name `enishi` and
    the password `hook_secret`. `metadata`: whether it keeps our delivery's id with the mail; of
    others only their own id leads back."""

    name: str
    label: str
    settings: Mapping[str, str]
    tracking: str
    signed: Mapping[str, str]
    metadata: bool = True

    @property
    def backend(self) -> str:
        return f"anymail.backends.{self.name}.EmailBackend"


def _esp(
    name: str,
    label: str,
    settings: Mapping[str, str],
    signed: Mapping[str, str] | None = None,
    *,
    tracking: str | None = None,
    metadata: bool = True,
) -> Esp:
    view = f"{label.replace(' ', '')}TrackingWebhookView" if tracking is None else tracking
    path = f"anymail.webhooks.{name}.{view}" if view else ""
    return Esp(name, label, settings, path, signed or {}, metadata)


_KEY = {"api_key": "api_key"}

ESPS: Mapping[str, Esp] = {
    one.name: one
    for one in (
        _esp("brevo", "Brevo", _KEY),
        _esp("mailersend", "MailerSend", {"api_token": "api_key"},
             {"signing_secret": "hook_secret"}, metadata=False),
        _esp("mailgun", "Mailgun", {"api_key": "api_key", "sender_domain": "domain"},
             {"webhook_signing_key": "hook_secret"}),
        _esp("mailjet", "Mailjet", {"api_key": "api_key", "secret_key": "api_secret"}),
        _esp("mailtrap", "Mailtrap", {"api_token": "api_key"}, {"tracking_secret": "hook_secret"}),
        _esp("mandrill", "Mandrill", _KEY, {"webhook_key": "hook_secret"},
             tracking="MandrillCombinedWebhookView"),
        _esp("postal", "Postal", {"api_key": "api_key", "api_url": "server"},
             {"webhook_key": "hook_secret"}, metadata=False),
        _esp("postmark", "Postmark", {"server_token": "api_key"}),
        _esp("resend", "Resend", _KEY),
        _esp("scaleway", "Scaleway", {"secret_key": "api_secret", "project_id": "api_key"},
             tracking=""),
        _esp("sendgrid", "SendGrid", _KEY, {"tracking_webhook_verification_key": "hook_secret"}),
        _esp("sparkpost", "SparkPost", _KEY),
        _esp("unisender_go", "Unisender Go", {"api_key": "api_key", "api_url": "server"},
             {"api_key": "api_key"}),
    )
}  # fmt: skip
