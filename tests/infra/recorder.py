"""A consumer of a queue that notes its messages, and fails those that a test chooses."""

import json
from typing import Any

from infra.local.aws.lambdas import Context


class Recorder:
    """A consumer that fails chosen messages, as `process_batch` does."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.event: dict[str, Any] = {}
        self.fails: set[str] = set()
        self.breaks = False
        self.answers_nonsense = False

    def __call__(self, event: dict[str, Any], context: Context) -> Any:
        assert context.get_remaining_time_in_millis() > 0
        self.event = event
        bodies = {item["messageId"]: json.loads(item["body"])["name"] for item in event["Records"]}
        self.handled += bodies.values()
        if self.breaks:
            raise RuntimeError("out of memory")
        if self.answers_nonsense:
            return {"batchItemFailures": [{"itemIdentifier": "no message of this batch"}]}
        failed = [{"itemIdentifier": mid} for mid, name in bodies.items() if name in self.fails]
        return {"batchItemFailures": failed}
