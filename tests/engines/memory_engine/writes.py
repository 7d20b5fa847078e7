"""Writes of one item: checked first, then done, so that a transaction can check all of them before it does one."""

from collections.abc import Callable
from typing import Any

from tests.engines.memory_engine.engine_errors import invalid
from tests.engines.memory_engine.requests import Conditional, copied
from tests.engines.memory_engine.table import Table
from tests.engines.memory_engine.values import Item, checked


class Write:
    """A write that was checked against its table. Making one raises EngineError for a wrong request."""

    def __init__(self, kind: str, table: Table, params: dict[str, Any]) -> None:
        self.kind, self.table = kind, table
        self._returned: str = params.get("ReturnValues") or "NONE"
        self._conditional = Conditional(params)
        if kind == "Put":
            self._item: Item = {name: checked(value) for name, value in params["Item"].items()}
            table.check(self._item)
            self.key = table.key_of(self._item)
        else:
            self.key = table.checked_key({name: checked(value) for name, value in params["Key"].items()})
        self._old: Item | None = None
        self._new: Item | None = None

    def decide(self) -> None:
        """Find out what the write leaves. Raises EngineError if its condition is false, or if the item is refused."""
        self._old = self.table.find(self.key)
        self._conditional.require(self._old)
        if self.kind == "Put":
            self._new = self._item
        elif self.kind == "Update":
            self._new = self._conditional.updated(self._old or self.key, self.key)
            self.table.check(self._new)
        elif self.kind == "ConditionCheck":
            self._new = self._old

    def apply(self) -> None:
        """Do what was decided. It never fails."""
        if self._new is None:
            self.table.remove(self.key)
        elif self._new is not self._old:
            self.table.put(self._new)

    def answer(self) -> dict[str, Any]:
        attributes = RETURNED[self._returned](self._old or {}, self._new or {})
        return {"Attributes": copied(attributes)} if attributes else {}


def _changed(item: Item, other: Item) -> Item:
    return {name: value for name, value in item.items() if other.get(name) != value}


RETURNED: dict[str, Callable[[Item, Item], Item]] = {
    "NONE": lambda _, __: {},
    "ALL_OLD": lambda old, _: old,
    "ALL_NEW": lambda _, new: new,
    "UPDATED_OLD": _changed,
    "UPDATED_NEW": lambda old, new: _changed(new, old),
}


def write(kind: str, table: Table, params: dict[str, Any]) -> dict[str, Any]:
    """One write: the answer of PutItem, UpdateItem or DeleteItem."""
    made = Write(kind, table, params)
    made.decide()
    made.apply()
    return made.answer()


def must_be_different(keys: list[tuple[str, Item]], message: str) -> None:
    """Raises EngineError for an item that is named twice."""
    named = {(table, repr(sorted(key.items()))) for table, key in keys}
    if len(named) != len(keys):
        raise invalid(message)
