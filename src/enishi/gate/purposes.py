"""What a contact may be for."""

from __future__ import annotations

from enishi.gate.asking import catalog
from enishi.gate.types import CLASS_WORDS, SERVICE, TRANSACTIONAL
from enishi.kernel.text import Text


def purposes() -> dict[str, Text]:
    """Every purpose a contact may have: the catalog's, and care and formalities beside them."""
    found = {name: purpose.label for name, purpose in catalog().purposes.items()}
    return found | {
        name: Text(CLASS_WORDS[name].ja, CLASS_WORDS[name].en.capitalize())
        for name in (SERVICE, TRANSACTIONAL)
        if name not in found
    }
