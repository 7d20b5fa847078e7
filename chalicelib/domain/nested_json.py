"""Parses JSON of bounded nesting. Deeper nesting could exhaust the stack of Python's parser."""

import json
import re
from typing import Any

MAX_NESTING = 100
"""Python's own parser recurses up to the limit of its stack, where a destructor that happens to run fails."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")


def parse_json(raw: str | bytes, **options: Any) -> Any:
    """The content of a JSON text. `options` are those of json.loads.

    Raises ValueError for a text that is not JSON, and for one whose lists and objects are nested deeper than
    MAX_NESTING.
    """
    text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw))
    if text.count("[") + text.count("{") > MAX_NESTING and _nesting(text) > MAX_NESTING:
        raise ValueError("nested too deep")
    return json.loads(text, **options)


def _nesting(text: str) -> int:
    """How deep lists and objects are nested."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
