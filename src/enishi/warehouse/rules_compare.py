"""Which conditions two rules share, and which only one of them has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enishi.book.access import Actor
from enishi.catalog.types import Catalog
from enishi.kernel.text import Locale
from enishi.rules import describe
from enishi.rules.types import CheckedRule
from enishi.warehouse.parts import parts_at
from enishi.warehouse.scope import own_rule


def differing_parts(
    a: Mapping[str, object],
    b: Mapping[str, object],
    catalog: Catalog,
    actor: Actor,
    locale: Locale,
) -> dict[str, Any]:
    """Two envelopes side by side, in the shape of `RuleCompareOut`'s `a`, `b` and `common`.

    A rule is its sentence and the conditions at its top (as canonical JSON, so that a mere
    difference of spelling is none). Raises Invalid like `check_rule`.
    """
    left, right = _side(a, catalog, actor, locale), _side(b, catalog, actor, locale)
    return {
        "a": {"sentence": left[0], "parts": _lacking(left[1], right[1])},
        "b": {"sentence": right[0], "parts": _lacking(right[1], left[1])},
        "common": [part["sentence"] for key, part in left[1].items() if key in right[1]],
    }


Side = tuple[str, dict[str, dict[str, Any]]]


def _side(envelope: Mapping[str, object], catalog: Catalog, actor: Actor, locale: Locale) -> Side:
    whole = own_rule(envelope, actor, catalog)
    context = {key: value for key, value in envelope.items() if key != "rule"}
    parts: dict[str, dict[str, Any]] = {}
    found = parts_at(envelope["rule"])
    # Only the parts of an `all` stand for themselves; any other group is one part.
    pieces = [(p.path, p.rule) for p in found.parts] if found.mode == "all" else None
    for path, rule in pieces if pieces is not None else [("$", envelope["rule"])]:
        checked = own_rule({**context, "rule": rule}, actor, catalog)
        # The consent that the purpose adds belongs to the whole, not to each of its parts.
        checked = replace(checked, tree=checked.asked, consent=None)
        parts.setdefault(
            _key(checked),
            {"path": path, "sentence": describe(checked, catalog, locale), "rule": rule},
        )
    return describe(whole, catalog, locale), parts


def _key(checked: CheckedRule) -> str:
    return json.dumps(checked.json, sort_keys=True, default=str, ensure_ascii=False)


def _lacking(
    own: Mapping[str, dict[str, Any]], other: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    return [part for key, part in own.items() if key not in other]
