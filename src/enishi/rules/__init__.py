"""The one language of the product: tree, check, evaluate, compile, describe."""

from enishi.rules.dialects.base import Schemas
from enishi.rules.evaluate import decide, evaluate, value_of
from enishi.rules.explanation import Explanation
from enishi.rules.facts import Facts
from enishi.rules.moment import Moment
from enishi.rules.read import read_json
from enishi.rules.service import (
    bind_user,
    both,
    check_rule,
    check_value,
    compile_rows,
    compile_rule,
    compile_view,
    describe,
    needed,
)
from enishi.rules.types import CheckedRule, CheckedValue

__all__ = [
    "CheckedRule",
    "CheckedValue",
    "Explanation",
    "Facts",
    "Moment",
    "Schemas",
    "bind_user",
    "both",
    "check_rule",
    "check_value",
    "compile_rows",
    "compile_rule",
    "compile_view",
    "decide",
    "describe",
    "evaluate",
    "needed",
    "read_json",
    "value_of",
]
