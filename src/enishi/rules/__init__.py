"""The one language of the product: tree, check, evaluate, compile, describe."""

from enishi.rules.read import read_json
from enishi.rules.service import (
    bind_user,
    both,
    check_rule,
    check_value,
    compile_rule,
    compile_view,
    describe,
    needed,
)
from enishi.rules.types import CheckedRule, CheckedValue

__all__ = [
    "CheckedRule",
    "CheckedValue",
    "bind_user",
    "both",
    "check_rule",
    "check_value",
    "compile_rule",
    "compile_view",
    "describe",
    "needed",
    "read_json",
]
