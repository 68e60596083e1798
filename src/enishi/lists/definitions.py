"""List definitions: written as drafts, checked whole, activated, retired, followed by versions."""

from __future__ import annotations

from django.db.models import Max

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.gate.asking import catalog
from enishi.kernel.errors import Conflict, NotFound
from enishi.kernel.text import Text
from enishi.lists.body import DefinitionBody
from enishi.lists.checking import check_body
from enishi.lists.models import ListDefinition
from enishi.lists.types import DefinitionState


def get_definition(reference: str) -> ListDefinition:
    """A definition by its id, or the active version of a slug; raises NotFound."""
    found = (
        ListDefinition.objects.filter(id=reference).first()
        or ListDefinition.objects.filter(slug=reference, state=DefinitionState.ACTIVE).first()
    )
    if found is None:
        raise NotFound(
            Text("このリスト定義は見つかりません。", "There is no such list definition."),
            Text("一覧から選び直してください。", "Choose one from the overview."),
            code="definition_not_found",
        )
    return found


def body_of(definition: ListDefinition) -> DefinitionBody:
    """The stored body, typed."""
    return DefinitionBody.model_validate(definition.body)


def create(slug: str, body: DefinitionBody, actor: Actor) -> ListDefinition:
    """A draft, version 1; raises Invalid with faults, Conflict when the slug is taken."""
    check_body(body, catalog())
    with work("definition.create"):
        if ListDefinition.objects.filter(slug=slug).exists():
            raise Conflict(
                Text(f"「{slug}」はすでに使われています。", f"The slug {slug!r} is taken."),
                Text(
                    "別の名前にするか、その定義の新しい版を作ってください。",
                    "Choose another, or make a new version of that definition.",
                ),
                code="slug_taken",
            )
        return _add(slug, 1, body, actor)


def _add(slug: str, version: int, body: DefinitionBody, actor: Actor) -> ListDefinition:
    found = ListDefinition.objects.create(
        slug=slug, version=version, body=stored(body), created_by=actor.user_id, created_at=now()
    )
    audit.record(
        actor, "definition.create", "definition", found.id, {"slug": slug, "version": version}
    )
    return found


def stored(body: DefinitionBody) -> dict[str, object]:
    """The body as it is kept: without what was not given."""
    return body.model_dump(exclude_none=True)


def edit(definition_id: str, body: DefinitionBody, actor: Actor) -> ListDefinition:
    """Replace the body of a draft; raises Invalid, or Conflict once it is active."""
    check_body(body, catalog())
    with work("definition.edit"):
        found = _locked(definition_id)
        _require(found, DefinitionState.DRAFT)
        found.body = stored(body)
        found.save(update_fields=["body"])
        audit.record(actor, "definition.edit", "definition", found.id, {"slug": found.slug})
    return found


def delete(definition_id: str, actor: Actor) -> None:
    """Throw a draft away; raises Conflict once it has been active: lists and history need it."""
    with work("definition.delete"):
        found = _locked(definition_id)
        _require(found, DefinitionState.DRAFT)
        detail = {"slug": found.slug, "version": found.version}
        audit.record(actor, "definition.delete", "definition", found.id, detail)
        found.delete()


def activate(definition_id: str, actor: Actor) -> ListDefinition:
    """Make a draft the version from which lists are built, and queue its curated dataset.

    The version active before is retired in the same unit. Raises Invalid when the catalog has
    changed so that the body no longer holds.
    """
    checked = check_body(body_of(get_definition(definition_id)), catalog())
    with work("definition.activate"):
        found = _locked(definition_id)
        _require(found, DefinitionState.DRAFT)
        if stored(checked.body) != stored(body_of(found)):
            raise _changed_meanwhile()
        instant = now()
        ListDefinition.objects.filter(slug=found.slug, state=DefinitionState.ACTIVE).update(
            state=DefinitionState.RETIRED, retired_at=instant
        )
        found.state = DefinitionState.ACTIVE
        found.activated_at = instant
        found.dataset_state = "queued"
        found.save(update_fields=["state", "activated_at", "dataset_state"])
        detail = {"slug": found.slug, "version": found.version}
        audit.record(actor, "definition.activate", "definition", found.id, detail)
    return found


def retire(definition_id: str, actor: Actor) -> ListDefinition:
    """End a definition: no new lists; the open ones go on."""
    with work("definition.retire"):
        found = _locked(definition_id)
        _require(found, DefinitionState.ACTIVE)
        found.state = DefinitionState.RETIRED
        found.retired_at = now()
        found.save(update_fields=["state", "retired_at"])
        audit.record(actor, "definition.retire", "definition", found.id, {"slug": found.slug})
    return found


def new_version(definition_id: str, actor: Actor) -> ListDefinition:
    """A draft with the next number and the same body; Conflict while there is one already."""
    with work("definition.new_version"):
        found = _locked(definition_id)
        if ListDefinition.objects.filter(slug=found.slug, state=DefinitionState.DRAFT).exists():
            raise Conflict(
                Text("下書きの版がすでにあります。", "There is a draft version already."),
                Text("その下書きを編集してください。", "Edit that draft."),
                code="draft_exists",
            )
        last = ListDefinition.objects.filter(slug=found.slug).aggregate(last=Max("version"))["last"]
        return _add(found.slug, int(last) + 1, body_of(found), actor)


def refresh_dataset(definition_id: str, actor: Actor) -> ListDefinition:
    """Queue the curated dataset again."""
    with work("definition.dataset"):
        found = _locked(definition_id)
        _require(found, DefinitionState.ACTIVE)
        if found.dataset_state not in ("queued", "building"):
            found.dataset_state = "queued"
            found.save(update_fields=["dataset_state"])
            audit.record(actor, "definition.dataset", "definition", found.id, {"slug": found.slug})
    return found


def _locked(definition_id: str) -> ListDefinition:
    found = ListDefinition.objects.select_for_update().filter(id=definition_id).first()
    return found if found is not None else get_definition(definition_id)


def _require(found: ListDefinition, state: DefinitionState) -> None:
    if found.state == state:
        return
    if state is DefinitionState.DRAFT:
        raise Conflict(
            Text(
                "変更や削除ができるのは下書きだけです。",
                "Only a draft can be changed or deleted.",
            ),
            Text("新しい版を作ってください。", "Make a new version."),
            code="not_a_draft",
        )
    raise Conflict(
        Text("有効な定義ではありません。", "This definition is not active."),
        Text("一覧を更新してください。", "Reload the overview."),
        code="not_active",
    )


def _changed_meanwhile() -> Conflict:
    return Conflict(
        Text("確認中に内容が変更されました。", "It was changed while it was being checked."),
        Text("内容を見直して、もう一度有効にしてください。", "Look at it and activate it again."),
        code="changed_meanwhile",
    )
