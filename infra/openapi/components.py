"""Names what several operations share, so that the document holds it once."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Components:
    """Counts on a first pass over all operations how often each part occurs, and names on a second pass those that
    occur twice or more."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_kind: dict[str, dict[str, Any]] = field(default_factory=dict)
    counting: bool = True

    def shared(self, kind: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
        """A reference to `components/{kind}/{name}`, or `content` if one operation has it or its name is taken."""
        key = (kind, json.dumps(content, sort_keys=True))
        if self.counting:
            self.counts[key] += 1
            return content
        is_taken = self.by_kind.get(kind, {}).get(name, content) != content
        return content if self.counts[key] == 1 or is_taken else self.ref(kind, name, content)

    def ref(self, kind: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
        """A reference to `components/{kind}/{name}`, which is `content`. Raises ValueError if the name has another
        content."""
        if self.by_kind.setdefault(kind, {}).setdefault(name, content) != content:
            raise ValueError(f"two {kind} are called {name}")
        return {"$ref": f"#/components/{kind}/{name}"}

    def counted(self) -> "Components":
        """The components for the second pass."""
        return Components(self.counts, counting=False)


def used(paths: dict[str, Any], components: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The components that the paths refer to, by kind and name."""
    refs: set[str] = set()
    new = _refs(paths)
    while new:
        refs |= new
        new = {deeper for ref in new for deeper in _refs(_at(components, ref))} - refs
    return {
        kind: {name: item for name, item in sorted(items.items()) if f"#/components/{kind}/{name}" in refs}
        for kind, items in components.items()
    }


def _at(components: dict[str, dict[str, Any]], ref: str) -> Any:
    _, _, kind, name = ref.split("/")
    return components[kind][name]


def _refs(content: Any) -> set[str]:
    if isinstance(content, dict):
        own = {content["$ref"]} if isinstance(content.get("$ref"), str) else set()
        return own.union(*(_refs(item) for item in content.values()))
    return set().union(*(_refs(item) for item in content)) if isinstance(content, list) else set()
