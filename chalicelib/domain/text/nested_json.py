"""Parses JSON of bounded nesting. Deeper nesting could exhaust the stack of Python's parser."""

import json
import re
from typing import Any

MAX_NESTING = 100
"""Python's own parser recurses up to the limit of its stack, where a destructor that happens to run fails."""
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)
"""A string without an end goes on to the end of the text, so that each character is looked at once."""
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")


def parse_json(raw: str | bytes, **options: Any) -> Any:
    """The content of a JSON text. `options` are those of json.loads.

    Raises ValueError for a text that is not JSON, and for one whose lists and objects are nested deeper than
    MAX_NESTING.
    """
    text = raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw))
    if text.count("[") + text.count("{") > MAX_NESTING and _is_deep(text):
        raise ValueError("nested too deep")
    return json.loads(text, **options)


def _is_deep(text: str) -> bool:
    """Whether lists and objects are nested deeper than MAX_NESTING. The rest of such a text is not read."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in _OPENING:
            depth += 1
            if depth > MAX_NESTING:
                return True
        elif found[0] in _CLOSING:
            depth -= 1
    return False
