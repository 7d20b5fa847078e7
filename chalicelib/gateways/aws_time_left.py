"""Refuses each attempt of an AWS call that could end after the running request."""

from typing import Any

from botocore.exceptions import BotoCoreError

from chalicelib.world.time_left import has_time

TABLE_SECONDS = 4.0
"""An attempt at DynamoDB: one second to connect, three to wait."""
ATTEMPT_SECONDS = 7.0
"""An attempt at another AWS service: two seconds to connect, five to wait."""


class OutOfTime(BotoCoreError):
    """The attempt was not begun. botocore does not repeat it."""

    fmt = "The request has no time left for {operation}"


def end_in_time(session: Any) -> None:
    """Watch the clients that the botocore session creates from now on: each first attempt, and each further one."""
    events = session.get_component("event_emitter")
    events.register("before-call", _first_attempt)
    events.register("before-send", _further_attempt)


def _first_attempt(model: Any, **_: Any) -> None:
    _must_have_time(model.service_model.service_name, model.name)


def _further_attempt(event_name: str, **event: Any) -> None:  # noqa: ARG001  botocore passes the request too
    """The event is `before-send.dynamodb.GetItem`."""
    _, service, operation = event_name.split(".")
    _must_have_time(service, operation)


def _must_have_time(service: str, operation: str) -> None:
    if not has_time(TABLE_SECONDS if service == "dynamodb" else ATTEMPT_SECONDS):
        raise OutOfTime(operation=operation)
