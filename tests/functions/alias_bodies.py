"""Bodies of the dashboard's names of routes, made of those of the canonical routes."""

from collections.abc import Mapping
from typing import Any

from functions.admin.aliases import ALIASES


def alias_bodies(bodies: Mapping[str, Any]) -> dict[str, Any]:
    """A body for each alias whose canonical route has one."""
    made = {}
    for alias in ALIASES:
        if alias.canonical in bodies:
            kept = {name: value for name, value in bodies[alias.canonical].items() if name not in alias.constants}
            made[alias.name] = kept | dict.fromkeys(alias.path_fields.values(), "nobodys")
    return made
