"""Makes the functions that EventBridge runs on a schedule. An event of another kind runs nothing."""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from chalice.app import Blueprint, Cron, Rate

from chalicelib import log
from chalicelib.world.time_left import SecondsLeft, limited_to

EVENT_PARTS = ("version", "account", "region", "detail", "detail-type", "source", "time", "id", "resources")
"""What Chalice reads of an event of EventBridge. It raises KeyError where one is missing."""
Run = Callable[[SecondsLeft], Any]
LambdaHandler = Callable[[Any, Any], Any]


class ScheduledFunctions(Blueprint):
    """A blueprint of functions that run on a schedule."""

    def on_schedule(self, expression: Rate | Cron, *, limits_calls: bool = True) -> Callable[[Run], LambdaHandler]:
        """Run the function at these times.

        No call to AWS or a company is begun in it that could end after its time-out, unless it limits its calls
        itself. An event that is no event of EventBridge, such as a warm-up ping, is ignored: the result is None.
        """

        def register(run: Run) -> LambdaHandler:
            @wraps(run)
            def with_time_limit(event: Any) -> Any:
                context = event.context
                started = time.perf_counter()
                with limited_to(context) if limits_calls else nullcontext():
                    result = run(
                        lambda: math.inf if context is None else context.get_remaining_time_in_millis() / 1000
                    )
                milliseconds = round((time.perf_counter() - started) * 1000, 1)
                log.fact("schedule_ran", about=run.__name__, milliseconds=milliseconds)
                return result

            handler = self.schedule(expression)(with_time_limit)

            @wraps(run)
            def handle(event: Any, context: Any) -> Any:
                if not _is_scheduled(event):
                    log.fact("event_ignored", about=type(event).__name__)
                    return None
                return handler(event, context)

            return handle

        return register


def _is_scheduled(event: Any) -> bool:
    return isinstance(event, dict) and all(part in event for part in EVENT_PARTS)
