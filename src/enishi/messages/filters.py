from __future__ import annotations

from enishi.kernel.text import Text

NAMES: tuple[tuple[str, Text, Text], ...] = ()
FILTERS: tuple[tuple[str, Text], ...] = ()
