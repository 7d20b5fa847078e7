"""Conditions, filters and key conditions: read once for each text, then applied to items."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.engines.memory_engine.engine_errors import invalid
from tests.engines.memory_engine.expressions import Context, Operand, Path, Reader
from tests.engines.memory_engine.values import SETS, Item, Value, equal, kind_of, order_of, size_of

Test = Callable[[Item, Context], bool]
REMEMBERED = 2_000
COMPARATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda first, second: first < second,
    "<=": lambda first, second: first <= second,
    ">": lambda first, second: first > second,
    ">=": lambda first, second: first >= second,
}


@dataclass(frozen=True)
class Condition:
    """A condition, and the placeholders that it uses."""

    holds: Test
    names: frozenset[str]
    values: frozenset[str]
    equalities: tuple[tuple[Path, str], ...]
    """Each `path = :value` in it."""


@lru_cache(maxsize=REMEMBERED)
def condition(text: str) -> Condition:
    """Raises EngineError for text that is no condition."""
    reader = ConditionReader(text)
    holds = reader.any_of()
    reader.end()
    return Condition(holds, frozenset(reader.names), frozenset(reader.values), tuple(reader.equalities))


class ConditionReader(Reader):
    """Reads conditions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.equalities: list[tuple[Path, str]] = []

    def any_of(self) -> Test:
        tests = [self._all_of()]
        while self.take("OR"):
            tests.append(self._all_of())
        if len(tests) == 1:
            return tests[0]
        return lambda item, context: any(test(item, context) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._maybe_not()]
        while self.take("AND"):
            tests.append(self._maybe_not())
        if len(tests) == 1:
            return tests[0]
        return lambda item, context: all(test(item, context) for test in tests)

    def _maybe_not(self) -> Test:
        if self.take("NOT"):
            test = self._maybe_not()
            return lambda item, context: not test(item, context)
        if self.take("("):
            test = self.any_of()
            self.expect(")")
            return test
        function = FUNCTIONS.get(self.peek())
        if function is not None:
            self.next()
            return self._function(function)
        return self._comparison()

    def _function(self, function: Callable[..., bool]) -> Test:
        self.expect("(")
        path = self.path()
        operand = self.operand() if self.take(",") else None
        self.expect(")")
        if operand is None:
            return lambda item, context: function(path.find(item, context))
        return lambda item, context: function(path.find(item, context), operand(item, context))

    def _comparison(self) -> Test:
        start = self.at
        first = self.operand()
        operator = self.next().upper()
        if operator == "BETWEEN":
            low = self.operand()
            self.expect("AND")
            high = self.operand()
            return lambda item, context: (
                _compared(">=", first(item, context), low(item, context))
                and _compared("<=", first(item, context), high(item, context))
            )
        if operator == "IN":
            return self._one_of(first)
        if operator not in {"=", "<>", *COMPARATORS}:
            raise invalid(f"Invalid expression: Syntax error at {operator}")
        second = self.operand()
        self._note_equality(start, operator)
        return lambda item, context: _compared(operator, first(item, context), second(item, context))

    def _one_of(self, first: Operand) -> Test:
        self.expect("(")
        options = [self.operand()]
        while self.take(","):
            options.append(self.operand())
        self.expect(")")
        return lambda item, context: any(
            _compared("=", first(item, context), option(item, context)) for option in options
        )

    def _note_equality(self, start: int, operator: str) -> None:
        left, right = self.tokens[start], self.tokens[self.at - 1]
        if operator == "=" and self.at == start + 3 and not left.startswith(":") and right.startswith(":"):
            self.equalities.append((Path((left,)), right))

    def operand(self) -> Operand:
        if self.peek() != "SIZE" or self.tokens[self.at + 1 : self.at + 2] != ["("]:
            return self.simple_operand()
        self.next()
        self.expect("(")
        path = self.path()
        self.expect(")")
        return lambda item, context: _length(path.find(item, context))


def _compared(operator: str, first: Value | None, second: Value | None) -> bool:
    """A missing attribute compares as unequal. Values of two types have no order."""
    if first is None or second is None:
        return operator == "<>" and first is not second
    if operator in {"=", "<>"}:
        return equal(first, second) == (operator == "=")
    if kind_of(first) != kind_of(second):
        order_of(second)
        return False
    return COMPARATORS[operator](order_of(first), order_of(second))


def _length(value: Value | None) -> Value | None:
    if value is None:
        return None
    kind = kind_of(value)
    if kind in {"N", "BOOL", "NULL"}:
        return None
    return {"N": str(len(value[kind]) if kind in {"M", "L", *SETS} else size_of(value))}


def _begins_with(value: Value | None, start: Value | None) -> bool:
    if value is None or start is None or kind_of(value) != kind_of(start):
        return False
    return bool(value[kind_of(value)].startswith(start[kind_of(start)]))


def _contains(value: Value | None, part: Value | None) -> bool:
    if value is None or part is None:
        return False
    kind, part_kind = kind_of(value), kind_of(part)
    if kind == "L":
        return any(equal(member, part) for member in value["L"])
    return SETS.get(kind, kind) == part_kind and kind in {"S", "B", *SETS} and part[part_kind] in value[kind]


FUNCTIONS: dict[str, Callable[..., bool]] = {
    "ATTRIBUTE_EXISTS": lambda value: value is not None,
    "ATTRIBUTE_NOT_EXISTS": lambda value: value is None,
    "ATTRIBUTE_TYPE": lambda value, kind: value is not None and kind_of(value) == kind["S"],
    "BEGINS_WITH": _begins_with,
    "CONTAINS": _contains,
}
