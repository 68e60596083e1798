"""Event names seen so far: whom rules are warned by, looked up again after a load."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enishi.book.access import OPERATOR, Actor
from enishi.kernel.errors import Forbidden
from enishi.warehouse.warehouse import Warehouse

CATALOG = """
datasets:
  person:
    kind: current
    subject: person
    key: id
    source: {files: "person.csv"}
    fields:
      id: {type: string}
  action:
    kind: event
    key: id
    time: {field: at, kind: occurred}
    event: {name_field: what, of: {person: actions}}
    source: {files: "action.csv"}
    fields:
      id: {type: integer}
      person: {type: string}
      at: {type: timestamp}
      what: {type: string, pii: low}
  visit:
    kind: event
    key: id
    time: {field: at, kind: occurred}
    event: {name: visit, of: {person: visits}}
    source: {files: "visit.csv"}
    fields:
      id: {type: integer}
      person: {type: string}
      at: {type: timestamp}
relations:
  - {from: action.person, to: person.id, name: actor, inverse: actions}
  - {from: visit.person, to: person.id, name: visitor, inverse: visits}
"""
LOGIN = "id,person,at,what\n1,P1,2026-03-01T10:00,login\n"
UNMASKED = Actor("u1", "manager", None, {}, "low")


@pytest.fixture
def here(world):
    made = world(CATALOG)
    made.put("person.csv", "id\nP1\n")
    made.put("action.csv", LOGIN)
    made.put("visit.csv", "id,person,at\n1,P1,2026-03-01T10:00\n")
    assert made.load().state == "loaded"
    return made


def warnings(ask, event, actor=OPERATOR):
    told = ask.count({"event": event}, actor=actor, locale="en")["warnings"]
    return [(one["code"], one["remedy"]) for one in told]


def test_a_name_nobody_has_seen_is_warned_of_until_it_is_loaded(here):
    ask = Warehouse(here.engine, lambda: here.catalog, here.clock)
    assert ask.event_names(actor=UNMASKED) == ["login"]
    for seen in ("login", "LOGIN", "visit", ["visit", "login"], "*"):
        assert warnings(ask, seen) == []
    assert warnings(ask, ["logni", "visit"]) == [("event_never_seen", "Did you mean `login`?")]
    assert warnings(ask, "logout")[0][0] == "event_never_seen"
    here.clock.advance(timedelta(minutes=1))
    here.put("action.csv", LOGIN + "2,P1,2026-03-02T10:00,logout\n")
    assert here.load("action").state == "loaded"
    assert warnings(ask, "logout") == []
    assert ask.event_names(actor=UNMASKED) == ["login", "logout"]


def test_names_are_not_told_to_who_sees_them_masked(here):
    ask = Warehouse(here.engine, lambda: here.catalog, here.clock)
    masked = Actor("u2", "marketer", None, {}, "none")
    assert ask.event_names(actor=masked) is None
    assert warnings(ask, "logout", masked) == []
    with pytest.raises(Forbidden):
        ask.event_names(actor=Actor("u3", "auditor", None, {}, "low"))
