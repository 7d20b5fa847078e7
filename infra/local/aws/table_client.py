"""Listens to the service's own client of the tables, whichever engine holds them."""

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.tables.dynamodb import shared_connection

Listener = tuple[str, Callable[..., Any]]
"""The name of an event of botocore, and what it calls."""


class TableClientListeners:
    """Listeners that are registered while started."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners
        self._events: Any = None

    def start(self) -> None:
        """Raises LookupError before the tables are connected."""
        self._events = shared_connection().client.meta.events
        for event, listener in self._listeners:
            self._events.register(event, listener)

    def stop(self) -> None:
        if self._events is not None:
            for event, listener in self._listeners:
                self._events.unregister(event, listener)
