"""Update expressions: read once for each text, then applied to items."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.engines.memory_engine.engine_errors import invalid
from tests.engines.memory_engine.expressions import Context, Operand, Path, Reader, Step
from tests.engines.memory_engine.values import SETS, Item, Value, kind_of, sum_of

REMEMBERED = 2_000
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
NO_ATTRIBUTE = "The provided expression refers to an attribute that does not exist in the item"
NO_PATH = "The document path provided in the update expression is invalid for update"
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")


@dataclass(frozen=True)
class Action:
    """A place, and the value that it gets: None removes it."""

    path: Path
    new_value: Operand


@dataclass(frozen=True)
class Update:
    """The actions, and the placeholders that they use."""

    actions: tuple[Action, ...]
    names: frozenset[str]
    values: frozenset[str]

    def applied(self, item: Item, context: Context) -> Item:
        """The item after the update. Every action sees the item as it was."""
        changes = [(action.path.resolved(context), action.new_value(item, context)) for action in self.actions]
        after = dict(item)
        # list positions are those of the old item: the last one goes first
        for steps, value in sorted(changes, key=lambda change: (change[1] is None, _backwards(change[0]))):
            _put(after, steps, value)
        return after


@lru_cache(maxsize=REMEMBERED)
def update(text: str) -> Update:
    """Raises EngineError for text that is no update expression."""
    reader = UpdateReader(text)
    actions = reader.actions()
    return Update(tuple(actions), frozenset(reader.names), frozenset(reader.values))


class UpdateReader(Reader):
    """Reads update expressions."""

    def actions(self) -> list[Action]:
        actions, seen = [], set[str]()
        while clause := self.peek():
            if clause not in CLAUSES or clause in seen:
                raise invalid(f"Invalid UpdateExpression: Syntax error at {clause}")
            seen.add(self.next().upper())
            read: Callable[[], Action] = getattr(self, f"_{clause.lower()}")
            actions.append(read())
            while self.take(","):
                actions.append(read())
        if not actions:
            raise invalid("Invalid UpdateExpression: The expression can not be empty;")
        return actions

    def _set(self) -> Action:
        path = self.path()
        self.expect("=")
        first = self._operand()
        if self.peek() not in {"+", "-"}:
            return Action(path, lambda item, context: _present(first(item, context)))
        sign = 1 if self.next() == "+" else -1
        second = self._operand()
        return Action(
            path,
            lambda item, context: sum_of(_present(first(item, context)), _present(second(item, context)), sign),
        )

    def _remove(self) -> Action:
        return Action(self.path(), lambda _, __: None)

    def _add(self) -> Action:
        path, name = self.path(), self.value_name()
        return Action(path, lambda item, context: _added(path.find(item, context), context.values[name]))

    def _delete(self) -> Action:
        path, name = self.path(), self.value_name()
        return Action(path, lambda item, context: _without(path.find(item, context), context.values[name]))

    def _operand(self) -> Operand:
        function = self.peek()
        if function not in {"IF_NOT_EXISTS", "LIST_APPEND"} or self.tokens[self.at + 1 : self.at + 2] != ["("]:
            return self.simple_operand()
        self.next()
        self.expect("(")
        first = self.path().find if function == "IF_NOT_EXISTS" else self._operand()
        self.expect(",")
        second = self._operand()
        self.expect(")")
        if function == "IF_NOT_EXISTS":
            return lambda item, context: first(item, context) or second(item, context)
        return lambda item, context: _appended(first(item, context), second(item, context))


def _present(value: Value | None) -> Value:
    if value is None:
        raise invalid(NO_ATTRIBUTE)
    return value


def _appended(first: Value | None, second: Value | None) -> Value:
    first, second = _present(first), _present(second)
    if "L" not in first or "L" not in second:
        raise invalid(WRONG_TYPE)
    return {"L": [*first["L"], *second["L"]]}


def _added(old: Value | None, value: Value) -> Value:
    kind = kind_of(value)
    if kind != "N" and kind not in SETS:
        raise invalid(WRONG_TYPE)
    if old is None:
        return value
    if kind == "N":
        return sum_of(old, value, 1)
    if kind not in old:
        raise invalid(WRONG_TYPE)
    return {kind: list(dict.fromkeys([*old[kind], *value[kind]]))}


def _without(old: Value | None, value: Value) -> Value | None:
    kind = kind_of(value)
    if kind not in SETS or (old is not None and kind not in old):
        raise invalid(WRONG_TYPE)
    left = [member for member in old[kind] if member not in value[kind]] if old is not None else []
    return {kind: left} if left else None


def _backwards(steps: tuple[Step, ...]) -> tuple[int, ...]:
    return tuple(-step for step in steps if isinstance(step, int))


def _put(item: Item, steps: tuple[Step, ...], value: Value | None) -> None:
    """Put a value at a place, or remove what is there. The item's nested values are copied first."""
    name: Any = steps[0]
    if len(steps) == 1:
        if value is None:
            item.pop(name, None)
        else:
            item[name] = value
        return
    if name not in item:
        raise invalid(NO_PATH)
    item[name] = inner = deepcopy(item[name])
    for step in steps[1:-1]:
        inner = _part(inner, step)
    _put_inside(inner, steps[-1], value)


def _part(value: Value, step: Step) -> Value:
    parts: Any = value.get("L" if isinstance(step, int) else "M")
    if parts is None or (step >= len(parts) if isinstance(step, int) else step not in parts):
        raise invalid(NO_PATH)
    part: Value = parts[step]
    return part


def _put_inside(parent: Value, step: Step, value: Value | None) -> None:
    parts: Any = parent.get("L" if isinstance(step, int) else "M")
    if parts is None:
        raise invalid(NO_PATH)
    if isinstance(step, str):
        if value is None:
            parts.pop(step, None)
        else:
            parts[step] = value
    elif value is None:
        del parts[step : step + 1]
    else:
        parts[step : step + 1] = [value]
