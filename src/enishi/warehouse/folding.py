"""Text folding in DuckDB: what texts are compared by, made where rows come in."""

from __future__ import annotations

from enishi.warehouse.spelling import SQL

# Characters that `kernel.text.fold` leaves alone, beside ASCII: kana, 々, 〇, the long vowel mark
# and unified ideographs. None has a decomposition or a case; none composes with a neighbour, since
# combining marks are outside. tests/unit/warehouse/test_fold.py proves it for each of them.
UNTOUCHED_BY_FOLD = r"[\x00-\x7Fぁ-ゖァ-ヺー々〇一-鿿]*"


def folded(expression: SQL) -> SQL:
    """SQL for `kernel.text.fold(expression)`.

    ASCII and plain Japanese take DuckDB's own `lower`, which for them equals the fold and needs no
    Python; the rest goes through the very function that rules compare with.
    """
    return (
        f"CASE WHEN {expression} IS NULL THEN NULL"
        f" WHEN strlen({expression}) = length({expression}) THEN lower({expression})"
        f" WHEN regexp_full_match({expression}, '{UNTOUCHED_BY_FOLD}', 's')"
        f" THEN lower({expression})"
        f" ELSE enishi_fold({expression}) END"
    )


def folded_list(expression: SQL) -> SQL:
    """SQL for each item of a list of texts folded. Items never hold the unit separator, char 31."""
    joined = f"array_to_string({expression}, chr(31))"
    return (
        f"CASE WHEN len({expression}) = 0 THEN []::VARCHAR[]"
        f" ELSE string_split({folded(joined)}, chr(31)) END"
    )
