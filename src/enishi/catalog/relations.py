"""Link datasets: foreign keys into two base relations each, and path relations over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from enishi.catalog.build import Built, optional, text_of
from enishi.catalog.check import check_name
from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.types import (
    Catalog,
    Dataset,
    FieldType,
    Hop,
    Relation,
    RuleJson,
)
from enishi.catalog.yaml_source import Document
from enishi.kernel.text import Text, fold

Relations = dict[str, dict[str, Relation]]

_END = re.compile(
    r"\s*(?P<dataset>[^.\s\[\]]+)\.(?:\[(?P<many>[^\[\]]*)\]|(?P<one>[^.\s\[\]]+))\s*\Z"
)
_HEADS = frozenset({"all", "any", "at_least", "not", "field", "related"})
_NOT_INSIDE = frozenset({"event", "sequence", "segment", "list", "sample"})

# Types whose values are equal as stored, by family.
_FAMILY = {FieldType.STRING: "text", FieldType.INTEGER: "number", FieldType.DECIMAL: "number"}


@dataclass
class Linker:
    """The relations so far, and where each was written."""

    built: Built
    faults: Faults
    relations: Relations = field(default_factory=dict)

    def add(self, relation: Relation, path: str, file: str) -> None:
        """Keep a relation unless its name is taken on its dataset."""
        check_name(relation.name, path, self.faults, file)
        here = self.relations.setdefault(relation.source, {})
        twin = next((name for name in here if fold(name) == fold(relation.name)), None)
        if twin is None:
            here[relation.name] = relation
            return
        self.faults.add(
            "duplicate_relation",
            path,
            Text(
                f"「{relation.source}」には「{twin}」という関連がもうあります。",
                f"`{relation.source}` already has a relation called `{twin}`.",
            ),
            Text(
                "name または inverse に別の名前を書いてください。",
                "Give this one another `name` or `inverse`.",
            ),
            file,
        )


def link(
    built: Built, given: list[tuple[Mapping[str, object], str, Document]], faults: Faults
) -> Relations:
    """All relations by dataset and name: first the foreign keys, then the paths over them."""
    linker = Linker(built, faults)
    waiting = []
    for value, path, document in given:
        file = document.where(path)
        if "via" in value:
            waiting.append((value, path, file))
        elif isinstance(value.get("from"), str):
            _foreign_key(linker, value, path, file)
    _paths(linker, waiting)
    return linker.relations


# ------------------------------------------------------------------------------ foreign keys


def _foreign_key(linker: Linker, value: Mapping[str, object], path: str, file: str) -> None:
    if not isinstance(value.get("to"), str):
        linker.faults.add(
            "missing_key",
            path,
            Text("「to」がありません。", "`to` is missing."),
            Text(
                "外部キーなら「to: dataset.field」、経路なら「via: […]」を書いてください。",
                "Write `to: dataset.field` for a foreign key, or `via: […]` for a path.",
            ),
            file,
        )
        return
    if "where" in value:
        linker.faults.add(
            "where_on_foreign_key",
            f"{path}.where",
            Text("外部キーの関連に where は書けません。", "A foreign key takes no `where`."),
            Text(
                "「via: [{relation: …, where: …}]」という経路の関連にしてください。",
                "Write a path relation: `via: [{relation: …, where: …}]`.",
            ),
            file,
        )
    here = _end(linker, str(value.get("from")), f"{path}.from", file)
    there = _end(linker, str(value["to"]), f"{path}.to", file)
    if here is None or there is None:
        return
    if not _fit(linker, here, there, path, file):
        return
    source, target = here[0], there[0]
    columns = tuple(zip(here[1], there[1], strict=True))
    name = optional(value.get("name")) or target.name
    inverse = optional(value.get("inverse")) or source.name
    linker.add(
        Relation(
            name,
            source.name,
            target.name,
            many=False,
            label=text_of(value.get("label"), target.label),
            columns=columns,
            inverse=inverse,
        ),
        path,
        file,
    )
    linker.add(
        Relation(
            inverse,
            target.name,
            source.name,
            many=True,
            label=text_of(value.get("inverse_label"), source.label),
            columns=tuple((b, a) for a, b in columns),
            inverse=name,
        ),
        path,
        file,
    )


def _end(
    linker: Linker, written: str, path: str, file: str
) -> tuple[Dataset, tuple[str, ...]] | None:
    """Resolve `dataset.field` or `dataset.[field, field]`."""
    match = _END.match(written)
    if match is None:
        linker.faults.add(
            "bad_end",
            path,
            Text(f"「{written}」は読めません。", f"`{written}` cannot be read."),
            Text(
                "「dataset.field」または「dataset.[field, field]」と書いてください。",
                "Write `dataset.field` or `dataset.[field, field]`.",
            ),
            file,
        )
        return None
    dataset = linker.built.datasets.get(match["dataset"])
    if dataset is None:
        linker.faults.add(
            "unknown_dataset",
            path,
            Text(
                f"「{match['dataset']}」というデータセットはありません。",
                f"There is no dataset `{match['dataset']}`.",
            ),
            remedy_for(match["dataset"], linker.built.datasets),
            file,
        )
        return None
    names = (
        tuple(n.strip() for n in match["many"].split(",") if n.strip())
        if match["many"] is not None
        else (match["one"],)
    )
    unknown = [name for name in names if name not in dataset.fields]
    for name in unknown:
        linker.faults.add(
            "unknown_field",
            path,
            Text(
                f"「{dataset.name}」に「{name}」という項目はありません。",
                f"`{dataset.name}` has no field `{name}`.",
            ),
            remedy_for(name, dataset.fields),
            file,
        )
    return None if unknown or not names else (dataset, names)


def _fit(
    linker: Linker,
    here: tuple[Dataset, tuple[str, ...]],
    there: tuple[Dataset, tuple[str, ...]],
    path: str,
    file: str,
) -> bool:
    """Same number of fields, compatible types, and `to` is the key of its dataset."""
    faults, broken = linker.faults, linker.built.broken
    if len(here[1]) != len(there[1]):
        faults.add(
            "unequal_ends",
            path,
            Text(
                "from と to の項目の数が違います。",
                "`from` and `to` have different numbers of fields.",
            ),
            Text("同じ数だけ、同じ順に書いてください。", "List as many on both sides, in order."),
            file,
        )
        return False
    ok = True
    for a, b in zip(here[1], there[1], strict=True):
        first, second = here[0].fields[a], there[0].fields[b]
        if (here[0].name, a) in broken or (there[0].name, b) in broken:
            continue
        if _FAMILY.get(first.type, first.type) != _FAMILY.get(second.type, second.type):
            ok = False
            faults.add(
                "unlike_types",
                path,
                Text(
                    f"{here[0].name}.{a} は {first.type}、"
                    f"{there[0].name}.{b} は {second.type} で、つなげません。",
                    f"{here[0].name}.{a} is {first.type} and {there[0].name}.{b} is {second.type};"
                    " they cannot be joined.",
                ),
                Text("両方を同じ型にしてください。", "Give both the same type."),
                file,
            )
    if there[0].key and set(there[1]) != set(there[0].key):
        ok = False
        key = ", ".join(there[0].key)
        faults.add(
            "not_the_key",
            f"{path}.to",
            Text(
                f"関連の先は「{there[0].name}」のキー（{key}）でなければなりません。",
                f"A relation must lead to the key of `{there[0].name}` ({key}).",
            ),
            Text(
                f"to をキーにするか、「{there[0].name}」の key を直してください。"
                "from と to が逆ではありませんか。",
                f"Point `to` at the key, or correct the key of `{there[0].name}`."
                " Are `from` and `to` the wrong way round?",
            ),
            file,
        )
    return ok


# ------------------------------------------------------------------------------------- paths


def _paths(linker: Linker, waiting: list[tuple[Mapping[str, object], str, str]]) -> None:
    """Resolve path relations, those that go over other path relations last."""
    known = {optional(v.get("name")) for v, _, _ in waiting}
    while waiting:
        later = [item for item in waiting if not _path(linker, *item, pending=known)]
        if len(later) == len(waiting):
            break
        waiting = later
        known = {optional(v.get("name")) for v, _, _ in waiting}
    for value, path, file in waiting:
        if not _path(linker, value, path, file, pending=set()):
            continue


def _path(
    linker: Linker,
    value: Mapping[str, object],
    path: str,
    file: str,
    pending: set[str | None],
) -> bool:
    """Add one path relation; False when a hop may be a path relation that is still pending."""
    name, start = optional(value.get("name")), optional(value.get("from"))
    if name is None or start is None or not isinstance(value.get("via"), list):
        if name is None:
            linker.faults.add(
                "missing_key",
                path,
                Text("経路の関連には「name」が要ります。", "A path relation needs a `name`."),
                Text("「name: …」を書いてください。", "Add `name: …`."),
                file,
            )
        return True
    if start not in linker.built.datasets:
        linker.faults.add(
            "unknown_dataset",
            f"{path}.from",
            Text(f"「{start}」というデータセットはありません。", f"There is no dataset `{start}`."),
            remedy_for(start, linker.built.datasets),
            file,
        )
        return True
    hops: list[Hop] = []
    many, here = False, start
    for index, given in enumerate(_list(value["via"])):
        at = f"{path}.via[{index}]"
        hop = _hop(linker, given, at, file)
        if hop is None:
            return True
        relation = linker.relations.get(here, {}).get(hop.relation)
        if relation is None:
            if hop.relation in pending:
                return False
            _unknown_hop(linker, here, hop.relation, at, file)
            return True
        many = many or relation.many
        here = relation.target
        hops.append(hop)
    where = value.get("where")
    if where is not None and not check_where(where, f"{path}.where", file, linker.faults):
        return True
    target = linker.built.datasets[here]
    linker.add(
        Relation(
            name,
            start,
            here,
            many=many,
            label=text_of(value.get("label"), target.label),
            via=tuple(hops),
            where=where if isinstance(where, Mapping) else None,
        ),
        path,
        file,
    )
    return True


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _hop(linker: Linker, given: object, at: str, file: str) -> Hop | None:
    if isinstance(given, str):
        return Hop(given)
    if isinstance(given, Mapping) and isinstance(given.get("relation"), str):
        where = given.get("where")
        if where is not None and not check_where(where, f"{at}.where", file, linker.faults):
            return None
        return Hop(str(given["relation"]), where if isinstance(where, Mapping) else None)
    return None


def _unknown_hop(linker: Linker, here: str, name: str, at: str, file: str) -> None:
    linker.faults.add(
        "unknown_relation",
        at,
        Text(
            f"「{here}」に「{name}」という関連はありません（循環していませんか）。",
            f"`{here}` has no relation `{name}` (or the paths form a circle).",
        ),
        remedy_for(name, linker.relations.get(here, {})),
        file,
    )


def check_where(where: object, path: str, file: str, faults: Faults) -> bool:
    """The outer shape of a relation's `where`; its fields and types are the rules' business."""
    if not isinstance(where, Mapping) or not _HEADS & set(where):
        inside = isinstance(where, Mapping) and _NOT_INSIDE & set(where)
        faults.add(
            "bad_where",
            path,
            Text(
                "関連の where にこの条件は使えません。"
                if inside
                else "where には条件を1つ書きます。",
                "This sort of rule cannot narrow a relation." if inside else "`where` is one rule.",
            ),
            Text(
                "例: {field: type, op: eq, value: OWNER}",
                "For instance: {field: type, op: eq, value: OWNER}.",
            ),
            file,
        )
        return False
    ok = True
    for head in ("all", "any", "of"):
        parts = where.get(head)
        if isinstance(parts, list):
            for index, part in enumerate(parts):
                ok = check_where(part, f"{path}.{head}[{index}]", file, faults) and ok
    if "not" in where:
        ok = check_where(where["not"], f"{path}.not", file, faults) and ok
    return ok


def narrowings(catalog: Catalog) -> list[tuple[str, str, RuleJson]]:
    """Every `where` of the catalog: (path, dataset its paths start at, rule), for `rules` to check.

    The path is `relations.<dataset>.<name>` with `.via[i].where` or `.where`.
    """
    found: list[tuple[str, str, RuleJson]] = []
    for dataset, relations in catalog.relations.items():
        for relation in relations.values():
            here = relation.source
            at = f"relations.{dataset}.{relation.name}"
            for index, hop in enumerate(relation.via):
                here = catalog.relations[here][hop.relation].target
                if hop.where is not None:
                    found.append((f"{at}.via[{index}].where", here, hop.where))
            if relation.where is not None:
                found.append((f"{at}.where", relation.target, relation.where))
    return found
