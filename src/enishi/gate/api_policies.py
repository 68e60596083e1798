"""Policies over HTTP: read as sentences, drafted, checked on their examples, published."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ninja import Status

from enishi.book import audit
from enishi.book.clock import now
from enishi.book.http import Page, Request, Router, page
from enishi.book.reviewing import no_draft
from enishi.gate import policies
from enishi.gate.asking import in_scope, persons_named
from enishi.gate.dry_run import DryRun, dry_run
from enishi.gate.examples import Tried
from enishi.gate.models import Policy, PolicyVersion
from enishi.gate.people import holder, names_of, ref
from enishi.gate.policy_schemas import (
    ChangedOut,
    CheckedPolicyOut,
    CodeCount,
    DraftIn,
    DryRunIn,
    DryRunOut,
    ExampleOutcomeOut,
    PolicyCheckIn,
    PolicyDetailOut,
    PolicyFault,
    PolicyOut,
    PolicyVersionOut,
)
from enishi.gate.policy_sentences import code_words, policy_sentence
from enishi.gate.purposes import purposes
from enishi.gate.service import words
from enishi.gate.visibility import visible
from enishi.kernel.errors import Invalid
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text

router = Router(tags=["policies"])


@router.get("/policies", permission="policies.read", response=Page[PolicyOut])
def overview(request: Request) -> dict[str, object]:
    """Every policy, retired ones too, the ground first."""
    rows = policies.all_policies(retired=True)
    named = purposes()
    return page([_summary(row, named, request.locale) for row in rows], len(rows))


@router.post("/policies", permission="policies.write", response={201: PolicyDetailOut})
def create(request: Request, body: DraftIn) -> Status[PolicyDetailOut]:
    """A new policy as a draft. Its slug is made from its English name."""
    version = policies.create(
        _slug(body.body.name.en), body.body, body.examples, note=body.note,
        at=now(), actor=request.actor,
    )  # fmt: skip
    return Status(201, _detail(version.policy_id, request.locale))


@router.post("/policies/check", permission="policies.read", response=CheckedPolicyOut)
def check(request: Request, body: PolicyCheckIn) -> CheckedPolicyOut:
    """A wording as it stands: its sentence, its faults, and what it answers to its examples."""
    locale, faults = request.locale, []
    slug = "draft" if body.policy_id is None else policies.get_policy(body.policy_id).slug
    try:
        policies.check_body(body.body)
    except Invalid as error:
        faults = [PolicyFault.model_validate(fault.as_json(locale)) for fault in error.faults]
    tried = [] if faults else policies.try_wording(slug, body.body, body.examples)
    return CheckedPolicyOut(
        sentence=policy_sentence(body.body, purposes())[locale],
        faults=faults,
        outcomes=[_outcome(one, locale) for one in tried],
    )


@router.get("/policies/{policy_id}", permission="policies.read", response=PolicyDetailOut)
def policy(request: Request, policy_id: str) -> PolicyDetailOut:
    """One policy with the wording to go on writing and every version."""
    return _detail(policies.get_policy(policy_id).id, request.locale)


@router.put("/policies/{policy_id}/draft", permission="policies.write", response=PolicyDetailOut)
def save_draft(request: Request, policy_id: str, body: DraftIn) -> PolicyDetailOut:
    """Write the next version; it counts for nothing until it is published."""
    version = policies.save_draft(
        policy_id, body.body, body.examples, note=body.note, at=now(), actor=request.actor
    )
    return _detail(version.policy_id, request.locale)


@router.delete(
    "/policies/{policy_id}/draft",
    permission="policies.write",
    response={200: PolicyDetailOut, 204: None},
)
def discard(request: Request, policy_id: str) -> Status[PolicyDetailOut | None]:
    """Throw the draft away. A policy that was never published goes with it (204)."""
    found = policies.get_policy(policy_id)
    policies.discard_draft(found.id, actor=request.actor)
    if not Policy.objects.filter(id=found.id).exists():
        return Status(204, None)
    return Status(200, _detail(found.id, request.locale))


@router.post("/policies/{policy_id}/publish", permission="policies.write", response=PolicyDetailOut)
def publish(request: Request, policy_id: str) -> PolicyDetailOut:
    """Put the draft in force. Refused while one of its examples gets another answer."""
    found = policies.get_policy(policy_id)
    version = policies.draft(found)
    if version is None:
        raise no_draft()
    policies.publish(version.id, at=now(), actor=request.actor)
    return _detail(found.id, request.locale)


@router.post("/policies/{policy_id}/retire", permission="policies.write", response=PolicyDetailOut)
def retire(request: Request, policy_id: str) -> PolicyDetailOut:
    """Take the policy out of force. It is kept, and a new version brings it back."""
    found = policies.retire(policy_id, at=now(), actor=request.actor)
    return _detail(found.id, request.locale)


@router.post("/policies/{policy_id}/dry-run", permission="policies.read", response=DryRunOut)
def try_on_past(request: Request, policy_id: str, body: DryRunIn) -> DryRunOut:
    """What a wording would have answered to the contacts of the last days. Recorded, as it names
    customers; those outside one's scope are counted and not named."""
    found_policy = policies.get_policy(policy_id)
    found = dry_run(found_policy.slug, body.body, days=body.days, at=now())
    seen = visible(request.actor, {row.person for row in found.rows}, in_scope)
    people = tuple(sorted(seen))
    audit.record(
        request.actor, "policy.dry_run", "policy", found_policy.id,
        {"days": body.days, "examined": found.examined, "stopped": found.stopped}, people,
    )  # fmt: skip
    shown = persons_named(people, replace(request.actor, opened=people))
    return _dry_run_out(found, shown, request.locale)


def _dry_run_out(found: DryRun, shown: Mapping[str, str], locale: Locale) -> DryRunOut:
    named = purposes()
    sentence = Text(
        f"直近{found.days}日間の連絡{found.examined:,}件のうち、{found.stopped:,}件が止まります。",
        f"Of {found.examined:,} contacts in the last {found.days} days, {found.stopped:,} would"
        " have been stopped.",
    )
    if not found.examined:
        sentence = Text(
            f"直近{found.days}日間に、試せる連絡がありません。",
            f"There is no contact of the last {found.days} days to try it on.",
        )
    note = Text("", "")
    if found.sampled:
        estimate = found.of_all(found.stopped)
        note = Text(
            f"全{found.total:,}件から等間隔に{found.examined:,}件を選んで試しました。"
            f"全体ではおよそ{estimate:,}件です。",
            f"An even sample of {found.examined:,} of {found.total:,} was tried; about"
            f" {estimate:,} of all.",
        )
    return DryRunOut(
        sentence=sentence[locale], note=note[locale], days=found.days, total=found.total,
        examined=found.examined, stopped=found.stopped, freed=found.freed,
        otherwise=found.otherwise, persons=found.persons,
        reasons=[
            CodeCount(code=code, label=code_words(code)[locale], count=count)
            for code, count in found.by_code.most_common()
        ],
        rows=[
            ChangedOut.model_validate(
                {
                    "person_id": row.person, "display": shown[row.person],
                    "channel": row.channel,
                    "purpose_label": named.get(row.purpose, Text(row.purpose, row.purpose))[locale],
                    "at": row.at, "before": str(row.before), "after": str(row.after),
                    "reasons": [code_words(code)[locale] for code in row.codes],
                }
            )
            for row in found.rows
            if row.person in shown
        ],
    )  # fmt: skip


def _slug(name: str) -> str:
    """A slug nobody has, from the English name."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    plain = plain if plain[:1].isalpha() else f"policy-{plain}".rstrip("-")
    short = plain[:40].rstrip("-")
    if not Policy.objects.filter(slug=short).exists():
        return short
    return f"{short}-{new_id('p')[-8:].lower()}"


def _outcome(tried: Tried, locale: Locale) -> ExampleOutcomeOut:
    decision = tried.decision
    return ExampleOutcomeOut.model_validate(
        {
            "passed": tried.passed, "answer": str(decision.answer),
            "codes": sorted({reason.code for reason in decision.reasons}),
            "until": decision.until, "sentence": words(decision, locale),
        }
    )  # fmt: skip


def shown_of(versions: Sequence[PolicyVersion]) -> PolicyVersion:
    """The version to read or go on writing: the draft, else the one in force, else the latest."""
    by_state = {version.state: version for version in reversed(versions)}
    return by_state.get("draft") or by_state.get("published") or versions[0]


def _summary(row: Policy, named: dict[str, Text], locale: Locale) -> PolicyOut:
    versions = sorted(row.versions.all(), key=lambda version: -version.number)
    return PolicyOut.model_validate(_facts(row, versions, named, locale))


def _facts(
    row: Policy, versions: Sequence[PolicyVersion], named: dict[str, Text], locale: Locale
) -> dict[str, object]:
    shown = shown_of(versions)
    live = next((version for version in versions if version.state == "published"), None)
    body = policies.body_of(live or shown)
    retired = row.retired_at is not None
    return {
        "id": row.id, "slug": row.slug, "kind": row.kind, "ground": row.ground,
        "name": Text(body.name.ja, body.name.en)[locale],
        "sentence": policy_sentence(body, named)[locale],
        "state": "retired" if retired else "draft" if live is None else "published",
        "version": None if live is None else live.number,
        "draft": any(version.state == "draft" for version in versions),
        "examples": len((live or shown).examples),
        "changed_at": row.retired_at or shown.published_at or shown.created_at,
    }  # fmt: skip


def _detail(policy_id: str, locale: Locale) -> PolicyDetailOut:
    row = policies.get_policy(policy_id)
    versions, named = policies.versions_of(row), purposes()
    users = names_of([u for v in versions for u in (v.created_by, v.published_by)])
    shown = shown_of(versions)
    return PolicyDetailOut.model_validate(
        {
            **_facts(row, versions, named, locale),
            "shown": {
                "number": shown.number, "state": shown.state,
                "body": policies.body_of(shown), "examples": policies.examples_of(shown),
                "note": shown.note,
            },
            "versions": [
                PolicyVersionOut.model_validate(
                    {
                        "id": one.id, "number": one.number, "state": one.state,
                        "sentence": policy_sentence(policies.body_of(one), named)[locale],
                        "note": one.note, "created_by": holder(one.created_by, users),
                        "created_at": one.created_at,
                        "published_by": ref(one.published_by, users),
                        "published_at": one.published_at, "replaced_at": one.replaced_at,
                    }
                )
                for one in versions
            ],
        }
    )  # fmt: skip
