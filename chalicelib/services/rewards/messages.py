"""Handles the messages of the points queue by their source."""

from collections.abc import Mapping
from typing import Any

from chalicelib.services.rewards import completed_rentals, points
from chalicelib.world import World


def handle(world: World, body: Mapping[str, Any]) -> None:
    """Award the points that a message is about. A repeated message changes nothing."""
    if body.get("source") in completed_rentals.SOURCES:
        completed_rentals.handle(world, body)
    else:
        points.award(world, body)
