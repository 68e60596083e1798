"""The words for fields and relations: labels, with the technical name where a label could mislead.

Two different rules must never read the same. A label stands alone only where, among all names of
its dataset, it can be taken for no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from enishi.catalog.types import Catalog
from enishi.kernel.text import Locale
from enishi.rules.tree import FieldValue, Path, Value

_UNSAFE = {
    "ja": re.compile(r"[「」『』（）()［］\[\]、。；;“”\"\\\s]|または|かつ"),
    "en": re.compile(
        r"[「」（）()［］\[\],;:“”\"\\\n\t]|  |^\s|\s$"
        r"|\b(and|or|is|are|was|of|over|in|the|than|not|by|there|number|total|average)\b",
        re.IGNORECASE,
    ),
}
_JOINTS = {"ja": ("の", "が", "に", "を", "と"), "en": ("'", " ")}
EVENT_WORDS = {
    "ts": {"ja": "発生時刻", "en": "event time"},
    "event": {"ja": "イベント名", "en": "event name"},
}


@dataclass
class Labels:
    """Labels of one catalog in one language."""

    catalog: Catalog
    locale: Locale
    _known: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, dataset: str, name: str) -> str:
        """The word for a field or relation of a dataset."""
        if dataset not in self._known:
            self._known[dataset] = self._clear(dataset)
        return self._known[dataset].get(name, f"［{name}］")

    def path(self, path: Path) -> list[str]:
        """The words along a path, its part left out."""
        here = path.dataset
        words = []
        for name in path.names:
            words.append(self.of(here, name))
            here = self.catalog.relations[here][name].target
        first = path.written.split(".")[0]
        special = first in EVENT_WORDS and (path.constant is not None or first != path.field)
        words.append(self.of(here, first if special and not path.names else path.field))
        if path.missing:  # a word of another dataset, where it may be some other field's too
            words[-1] += f"［{path.written}］"
        return words

    def relation(self, dataset: str, written: str) -> list[str]:
        words = []
        for name in written.split("."):
            words.append(self.of(dataset, name))
            dataset = self.catalog.relations[dataset][name].target
        return words

    def dataset(self, name: str) -> str:
        return self.catalog.datasets[name].label[self.locale]

    def event(self, name: str) -> tuple[str, str]:
        """The word for an event, and the mark behind it (empty where the word alone is clear).

        An event that is a whole dataset goes by the dataset's label. A name as written is marked
        where it reads like such a label.
        """
        kinds = [d for d in self.catalog.datasets.values() if d.event and d.event.name]
        labels = [d.label[self.locale] for d in kinds]
        mine = [d.label[self.locale] for d in kinds if d.event and d.event.name == name]
        if mine and mine[0]:
            return mine[0], "" if labels.count(mine[0]) == 1 else f"［{name}］"
        return name, f"［{name}］" if name in labels else ""

    def segment(self, slug: str) -> tuple[str, str]:
        """The word for a segment and the mark behind it, as for events."""
        known = {s: info.label[self.locale] for s, info in self.catalog.sets.segments().items()}
        return _worded(slug, known)

    def list(self, slug: str) -> tuple[str, str]:
        """The word for a list and the mark behind it."""
        known = {s: info.label[self.locale] for s, info in self.catalog.sets.lists().items()}
        return _worded(slug, known)

    def status(self, slug: str, name: str) -> tuple[str, str]:
        """The word for a status of a list and the mark behind it."""
        info = self.catalog.sets.lists().get(slug)
        known = {} if info is None else info.statuses
        return _worded(name, {n: label[self.locale] for n, (label, _) in known.items()})

    def is_purpose(self, value: Value) -> bool:
        """Whether a value is the purpose of the catalog's consents, as it stands."""
        source = self.catalog.consents
        if source is None or not isinstance(value, FieldValue) or value.path.part is not None:
            return False
        ways = [self.catalog.expand(s.name, source.relation) for s in self.catalog.subjects()]
        held_in = {way[-1].target for way in ways if way}
        return value.path.field == source.purpose and value.path.leaf in held_in

    def purpose(self, name: str) -> tuple[str, str]:
        """The word for a purpose and the mark behind it, as for events."""
        known = {p.name: p.label[self.locale] for p in self.catalog.purposes.values()}
        if known.get(name):
            return _worded(name, known)
        return name, f"［{name}］" if name in known.values() else ""

    def _clear(self, dataset: str) -> dict[str, str]:
        """Every name of a dataset with its label, marked where the label alone is not clear."""
        described = self.catalog.datasets[dataset]
        labels = {f.name: f.label[self.locale] for f in described.fields.values()}
        for relation in self.catalog.relations.get(dataset, {}).values():
            labels[relation.name] = relation.label[self.locale]
        if described.event is not None:
            for name, words in EVENT_WORDS.items():
                labels.setdefault(name, words[self.locale])
        return {name: self._marked(name, label, labels) for name, label in labels.items()}

    def _marked(self, name: str, label: str, labels: dict[str, str]) -> str:
        others = [other for known, other in labels.items() if known != name]
        unclear = (
            not label
            or _UNSAFE[self.locale].search(label) is not None
            or any(
                label == other or any(label.startswith(other + joint) for joint in self._joints())
                for other in others
                if other
            )
        )
        return f"{label}［{name}］" if unclear else label

    def _joints(self) -> tuple[str, ...]:
        return _JOINTS[self.locale]


def _worded(name: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """The label of a name, marked with the name where the label alone could be another's."""
    label = labels.get(name, "")
    others = [other for known, other in labels.items() if known != name]
    if not label:
        return name, f"［{name}］"
    return label, f"［{name}］" if label in others else ""
