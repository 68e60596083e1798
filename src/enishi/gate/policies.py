"""Policies through their versions: drafted, tried on their examples, published, retired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.reviewing import draft_changed, no_draft
from enishi.book.unit import work
from enishi.gate.asking import catalog
from enishi.gate.bodies import BODY, GROUND, Example, PolicyBody, RulePolicy
from enishi.gate.examples import Tried, try_examples
from enishi.gate.in_force import policies_in_force, stamp_change
from enishi.gate.models import Policy, PolicyVersion
from enishi.kernel.errors import Conflict, Fault, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.rules import check_rule

PERSON = "person"


def get_policy(reference: str) -> Policy:
    """A policy by its id or slug; raises NotFound."""
    found = (
        Policy.objects.filter(id=reference).first() or Policy.objects.filter(slug=reference).first()
    )
    if found is None:
        raise NotFound(
            Text("このポリシーは見つかりません。", "There is no such policy."),
            Text("一覧から選び直してください。", "Choose one from the overview."),
            code="policy_not_found",
        )
    return found


def all_policies(*, retired: bool = False) -> list[Policy]:
    """Every policy, the ground first, then by age; retired ones only when asked for."""
    rows = Policy.objects.prefetch_related("versions")
    if not retired:
        rows = rows.filter(retired_at__isnull=True)
    return sorted(rows, key=lambda row: (not row.ground, row.created_at, row.id))


def versions_of(policy: Policy) -> list[PolicyVersion]:
    """The versions of a policy, newest first."""
    return list(policy.versions.order_by("-number"))


def published(policy: Policy) -> PolicyVersion | None:
    """The version in force."""
    return policy.versions.filter(state="published").first()


def draft(policy: Policy) -> PolicyVersion | None:
    """The version that is being written."""
    return policy.versions.filter(state="draft").first()


def body_of(version: PolicyVersion) -> PolicyBody:
    """The stored body, typed."""
    return BODY.validate_python(version.body)


def examples_of(version: PolicyVersion) -> list[Example]:
    """The stored examples, typed."""
    return [Example.model_validate(row) for row in version.examples]


def create(
    slug: str,
    body: PolicyBody,
    examples: Sequence[Example] = (),
    *,
    note: str = "",
    at: datetime,
    actor: Actor,
) -> PolicyVersion:
    """A new policy's first draft; raises Conflict `slug_taken`, `ground_once`, Invalid."""
    check_body(body)
    if body.kind in GROUND:
        raise Conflict(
            Text("この種類のポリシーはすでにあります。", "There is a policy of this kind already."),
            Text("そのポリシーの新しい版を作ってください。", "Make a new version of that one."),
            code="ground_once",
        )
    with work("policy.create"):
        if Policy.objects.filter(slug=slug).exists():
            raise Conflict(
                Text(f"「{slug}」はすでに使われています。", f"The slug {slug!r} is taken."),
                Text("別の名前にしてください。", "Choose another."),
                code="slug_taken",
            )
        policy = Policy.objects.create(
            slug=slug, kind=body.kind, created_by=actor.user_id, created_at=at
        )
        return _add(policy, body, examples, note, at, actor)


def save_draft(
    reference: str,
    body: PolicyBody,
    examples: Sequence[Example],
    *,
    note: str = "",
    at: datetime,
    actor: Actor,
) -> PolicyVersion:
    """Write the policy's draft, a new version unless one is being written; raises Invalid."""
    policy = get_policy(reference)
    if body.kind != policy.kind:
        raise Invalid(
            Text("ポリシーの種類は変えられません。", "The kind of a policy cannot change."),
            Text("新しいポリシーを作ってください。", "Make a new policy."),
            code="policy_kind",
        )
    check_body(body)
    with work("policy.draft"):
        written = PolicyVersion.objects.select_for_update().filter(policy=policy, state="draft")
        found = written.first()
        if found is None:
            return _add(policy, body, examples, note, at, actor)
        found.body, found.examples, found.note = _stored(body), _told(examples), note
        found.created_by, found.created_at = actor.user_id, at
        found.save(update_fields=["body", "examples", "note", "created_by", "created_at"])
        audit.record(
            actor, "policy.draft", "policy", policy.id,
            {"version": found.id, "number": found.number},
        )  # fmt: skip
    return found


def _add(
    policy: Policy,
    body: PolicyBody,
    examples: Sequence[Example],
    note: str,
    at: datetime,
    actor: Actor,
) -> PolicyVersion:
    number = (policy.versions.aggregate(n=Max("number"))["n"] or 0) + 1
    found = PolicyVersion.objects.create(
        policy=policy, number=number, state="draft", body=_stored(body),
        examples=_told(examples), note=note, created_by=actor.user_id, created_at=at,
    )  # fmt: skip
    audit.record(
        actor, "policy.draft", "policy", policy.id, {"version": found.id, "number": number}
    )
    return found


def _stored(body: PolicyBody) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_none=True) | (
        {"rule": body.rule} if isinstance(body, RulePolicy) else {}
    )


def _told(examples: Sequence[Example]) -> list[dict[str, Any]]:
    return [example.model_dump(mode="json", exclude_none=True) for example in examples]


def discard_draft(reference: str, *, actor: Actor) -> None:
    """Throw the draft away; a policy that was never published goes with it."""
    policy = get_policy(reference)
    with work("policy.discard"):
        gone, _ = PolicyVersion.objects.filter(policy=policy, state="draft").delete()
        if not gone:
            raise no_draft()
        audit.record(actor, "policy.discard", "policy", policy.id, {})
        if not policy.versions.exists():
            policy.delete()


def check_body(body: PolicyBody) -> None:
    """Raise Invalid with faults when a body does not hold good in this catalog."""
    if not isinstance(body, RulePolicy):
        return
    try:
        check_rule(body.rule, catalog(), subject=PERSON, purpose=None)
    except Invalid as error:
        faults = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
        raise Invalid(
            error.message,
            error.remedy,
            code="policy_broken",
            faults=tuple(
                Fault(f.code, "$.rule" + f.path.removeprefix("$"), f.message, f.remedy)
                for f in faults
            ),
        ) from error


def try_version(version: PolicyVersion) -> list[Tried]:
    """What the version answers to its examples."""
    return try_wording(version.policy.slug, body_of(version), examples_of(version))


def try_wording(slug: str, body: PolicyBody, examples: Sequence[Example]) -> list[Tried]:
    """What a wording, saved or not, answers to examples."""
    return try_examples(slug, body, examples, policies_in_force())


def publish(version_id: str, *, at: datetime, actor: Actor) -> PolicyVersion:
    """Put a draft in force from now on.

    Raises NotFound, Conflict `not_a_draft` or `draft_changed`, and Invalid `examples_missing` or
    `examples_failed` with a fault for each example whose answer is another (`$.examples[n]`).
    """
    version = PolicyVersion.objects.select_related("policy").filter(id=version_id).first()
    if version is None:
        raise NotFound(
            Text("この版は見つかりません。", "There is no such version."),
            Text("画面を更新してください。", "Reload the page."),
            code="version_not_found",
        )
    if version.state != "draft":
        raise Conflict(
            Text("この版はもう公開されています。", "This version has been published."),
            Text("画面を更新してください。", "Reload the page."),
            code="not_a_draft",
        )
    check_body(body_of(version))
    _require_passed(try_version(version))
    with work("policy.publish"):
        before = PolicyVersion.objects.filter(policy_id=version.policy_id, state="published")
        before.update(state="replaced", replaced_at=at)
        # What is published is what was tried: saving a draft moves its `created_at`.
        changed = PolicyVersion.objects.filter(
            id=version.id, state="draft", created_at=version.created_at
        ).update(state="published", published_by=actor.user_id, published_at=at)
        if not changed:
            raise draft_changed()
        Policy.objects.filter(id=version.policy_id).update(retired_at=None, retired_by="")
        stamp_change()
        audit.record(
            actor, "policy.publish", "policy", version.policy_id,
            {"version": version.id, "number": version.number},
        )  # fmt: skip
    version.refresh_from_db()
    return version


def _require_passed(tried: Sequence[Tried]) -> None:
    if not tried:
        raise Invalid(
            Text("例がありません。", "There is no example."),
            Text(
                "公開する前に、答えの分かっている例を一つ以上書いてください。",
                "Write at least one example whose answer is known before publishing.",
            ),
            code="examples_missing",
        )
    faults = tuple(
        Fault("example_failed", f"$.examples[{n}]", one.message(), _CORRECT)
        for n, one in enumerate(tried)
        if not one.passed
    )
    if faults:
        raise Invalid(
            Text(
                f"{len(tried)}件の例のうち{len(faults)}件が期待と違う答えになります。",
                f"{len(faults)} of {len(tried)} examples get another answer than expected.",
            ),
            _CORRECT,
            code="examples_failed",
            faults=faults,
        )


_CORRECT = Text("ポリシーか例を直してください。", "Correct the policy or the example.")


def retire(reference: str, *, at: datetime, actor: Actor) -> Policy:
    """Take a policy out of force; raises Conflict `ground_stays` for the ground."""
    policy = get_policy(reference)
    if policy.ground:
        raise Conflict(
            Text("このポリシーは外せません。", "This policy cannot be retired."),
            Text("内容を変えた新しい版を公開してください。", "Publish a new version instead."),
            code="ground_stays",
        )
    with work("policy.retire"):
        ended = Policy.objects.filter(id=policy.id, retired_at__isnull=True).update(
            retired_at=at, retired_by=actor.user_id
        )
        if ended:
            live = PolicyVersion.objects.filter(policy=policy, state="published")
            live.update(state="replaced", replaced_at=at)
            stamp_change()
            audit.record(actor, "policy.retire", "policy", policy.id, {})
        policy.refresh_from_db()
    return policy
