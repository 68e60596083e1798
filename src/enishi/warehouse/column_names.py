"""The names under which values are asked for: what stands beside them must stay what it is.

A column called `_id` or `key` would take the place of the person's own, on the screen and in the
audit row; of two that differ in case alone an engine renames one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

LONGEST = 200  # characters
_OWN = re.compile(r"_id|_display|_key[0-9]*|key|display", re.IGNORECASE)


def refuse_names(names: Iterable[str], taken: Collection[str] = ()) -> None:
    """Raise Invalid `column_name` for a name that is empty, too long, there twice (whatever its
    case), or that of something shown beside the columns: the person's own, and `taken`."""
    seen: set[str] = set(taken)
    for name in names:
        plain = name.casefold()
        if not name.strip() or len(name) > LONGEST or _OWN.fullmatch(name) or plain in seen:
            short = name if len(name) <= 40 else f"{name[:40]}…"
            raise Invalid(
                Text(
                    f"列の名前「{short}」は使えません。",
                    f"A column cannot be called “{short}”.",
                ),
                Text(
                    f"空でない、{LONGEST}文字以内で、ほかの列と重ならない名前にしてください。"
                    "大文字と小文字は区別されません。",
                    f"Choose a name of 1 to {LONGEST} characters that no other column has, in"
                    " whatever case.",
                ),
                code="column_name",
            )
        seen.add(plain)
