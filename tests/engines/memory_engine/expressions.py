"""Reads the text of an expression. What it means for an item is in `conditions` and `updates`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.engines.memory_engine.engine_errors import invalid
from tests.engines.memory_engine.values import Item, Value

TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),.+\-\[\]]|[#:]?\w+)")
Step = str | int


@dataclass(frozen=True)
class Context:
    """What the placeholders of a request stand for. The values are checked."""

    names: Mapping[str, str]
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Path:
    """A place in an item: names, each as written in the expression, and positions in lists."""

    steps: tuple[Step, ...]

    def resolved(self, context: Context) -> tuple[Step, ...]:
        return tuple(context.names[step] if str(step).startswith("#") else step for step in self.steps)  # type: ignore[index]

    def find(self, item: Item, context: Context) -> Value | None:
        """The value there, or None."""
        if len(self.steps) == 1:
            name: Any = self.steps[0]
            return item.get(context.names[name] if name[0] == "#" else name)
        value: Any = {"M": item}
        for step in self.resolved(context):
            parts = value.get("L") if isinstance(step, int) else value.get("M")
            if parts is None or (isinstance(step, int) and step >= len(parts)):
                return None
            value = parts[step] if isinstance(step, int) else parts.get(step)
            if value is None:
                return None
        return dict(value)


Operand = Callable[[Item, Context], Value | None]


@dataclass
class Reader:
    """The tokens of an expression, read from the left."""

    text: str
    names: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    at: int = 0

    def __post_init__(self) -> None:
        self.tokens: list[str] = []
        end = 0
        while end < len(self.text.rstrip()):
            found = TOKEN.match(self.text, end)
            if found is None:
                raise invalid(f"Invalid expression: Syntax error at {self.text[end : end + 20]}")
            self.tokens.append(found[1])
            end = found.end()

    def peek(self) -> str:
        """The next token in upper case, "" at the end."""
        return self.tokens[self.at].upper() if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> bool:
        """Take the next token if it is one of these."""
        if self.peek() in wanted:
            self.at += 1
            return True
        return False

    def next(self) -> str:
        if self.at >= len(self.tokens):
            raise invalid("Invalid expression: Syntax error at its end")
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, wanted: str) -> None:
        if self.next().upper() != wanted:
            raise invalid(f"Invalid expression: Syntax error; {wanted} is missing in {self.text}")

    def end(self) -> None:
        if self.peek():
            raise invalid(f"Invalid expression: Syntax error at {self.peek()}")

    def path(self) -> Path:
        steps: list[Step] = [self._name()]
        while True:
            if self.take("."):
                steps.append(self._name())
            elif self.take("["):
                steps.append(int(self.next()))
                self.expect("]")
            else:
                return Path(tuple(steps))

    def _name(self) -> str:
        name = self.next()
        if not re.match(r"[#\w]", name) or name[0].isdigit():
            raise invalid(f"Invalid expression: Syntax error at {name}")
        if name.startswith("#"):
            self.names.add(name)
        return name

    def value_name(self) -> str:
        """A placeholder of a value."""
        name = self.next()
        if not name.startswith(":"):
            raise invalid(f"Invalid expression: Syntax error at {name}; a value is missing")
        self.values.add(name)
        return name

    def simple_operand(self) -> Operand:
        """A value or a path."""
        if self.peek().startswith(":"):
            name = self.value_name()
            return lambda _, context: context.values[name]
        return self.path().find
