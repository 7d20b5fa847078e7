"""What every request must keep to: each placeholder is defined and used, and conditions hold."""

from collections.abc import Iterable
from typing import Any

from tests.engines.memory_engine.conditions import condition
from tests.engines.memory_engine.engine_errors import condition_failed, invalid
from tests.engines.memory_engine.expressions import Context, Path, Reader, Step
from tests.engines.memory_engine.updates import Update, update
from tests.engines.memory_engine.values import Item, checked

NO_ITEM: Item = {}


def context_of(params: dict[str, Any], *used: tuple[Iterable[str], Iterable[str]]) -> Context:
    """What the placeholders stand for. `used` are the names and values of each expression of the request.

    Raises EngineError for a placeholder that is not defined, and for one that is not used.
    """
    names, values = params.get("ExpressionAttributeNames") or {}, params.get("ExpressionAttributeValues") or {}
    used_names = {name for names_used, _ in used for name in names_used}
    used_values = {name for _, values_used in used for name in values_used}
    if used_names != names.keys():
        raise invalid(f"Expression attribute names are not defined or unused: {sorted(used_names ^ names.keys())}")
    if used_values != values.keys():
        raise invalid(f"Expression attribute values are not defined or unused: {sorted(used_values ^ values.keys())}")
    return Context(names, {name: checked(value) for name, value in values.items()})


class Conditional:
    """The condition and the update of a write."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._shows_item = params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        text, update_text = params.get("ConditionExpression"), params.get("UpdateExpression")
        self._condition = condition(text) if text else None
        self._update: Update | None = update(update_text) if update_text else None
        parts = [part for part in (self._condition, self._update) if part is not None]
        self.context = context_of(params, *((part.names, part.values) for part in parts))

    def require(self, item: Item | None) -> None:
        """Raises EngineError unless the condition holds for the stored item."""
        if self._condition is not None and not self._condition.holds(item or NO_ITEM, self.context):
            raise condition_failed(copied(item) if item is not None and self._shows_item else None)

    def updated(self, item: Item, keys: Item) -> Item:
        """The item after the update. Raises EngineError for a change of a key, and for places one within another."""
        if self._update is None:
            return item
        places: list[tuple[Step, ...]] = [action.path.resolved(self.context) for action in self._update.actions]
        for number, place in enumerate(places):
            if place[0] in keys:
                raise invalid(f"Cannot update attribute {place[0]}. This attribute is part of the key")
            if any(place[: len(other)] == other[: len(place)] for other in places[:number]):
                raise invalid("Invalid UpdateExpression: Two document paths overlap with each other")
        return self._update.applied(item, self.context)


class Projection:
    """The attributes that a read gives."""

    def __init__(self, text: str | None) -> None:
        self.names: set[str] = set()
        self._paths: list[Path] = []
        if text:
            reader = Reader(text)
            self._paths.append(reader.path())
            while reader.take(","):
                self._paths.append(reader.path())
            reader.end()
            self.names = reader.names

    def of(self, item: Item, context: Context) -> Item:
        """A copy of the item with these attributes. Parts of nested values are given whole."""
        if not self._paths:
            return copied(item)
        names = {path.resolved(context)[0] for path in self._paths if path.find(item, context) is not None}
        return {name: dict(value) for name, value in item.items() if name in names}


def copied(item: Item) -> Item:
    """A copy whose attributes may be replaced."""
    return {name: dict(value) for name, value in item.items()}
