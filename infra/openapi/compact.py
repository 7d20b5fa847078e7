"""Writes JSON for people and diffs: a value that fits on one line is written on one line."""

import json
from typing import Any

WIDTH = 118


def written(value: Any, indent: int = 0, before: int = 0) -> str:
    """`value` as JSON, indented by one space a level. `before` is the width of the text before it on its line."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + before + len(line) < WIDTH or not isinstance(value, dict | list) or not value:
        return line
    space = " " * (indent + 1)
    if isinstance(value, dict):
        names = {name: json.dumps(name, ensure_ascii=False) + ": " for name in value}
        parts = [names[name] + written(item, indent + 1, len(names[name])) for name, item in value.items()]
        return "{\n" + ",\n".join(space + part for part in parts) + "\n" + " " * indent + "}"
    if all(isinstance(item, str) for item in value):
        return "[\n" + _filled(value, space) + "\n" + " " * indent + "]"
    return "[\n" + ",\n".join(space + written(item, indent + 1) for item in value) + "\n" + " " * indent + "]"


def _filled(words: list[str], space: str) -> str:
    """The words on as few lines as possible."""
    lines = [space]
    for word in words:
        text = json.dumps(word, ensure_ascii=False) + ", "
        if len(lines[-1]) + len(text) > WIDTH and lines[-1] != space:
            lines.append(space)
        lines[-1] += text
    return "\n".join(line.rstrip() for line in lines).removesuffix(",")
