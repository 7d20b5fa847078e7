"""The messages that a simulated company sent, the newest of them."""

from collections import deque
from collections.abc import Callable
from typing import Any

MAX_MESSAGES = 2000
Message = dict[str, Any]


class SentMessages:
    """Any thread may add one."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=MAX_MESSAGES)

    def add(self, message: Message) -> None:
        self._messages.append(message)

    def newest_first(self) -> list[Message]:
        return [*self._messages][::-1]

    def state(self) -> list[Message]:
        return [*self._messages]

    def prepare(self, state: Any) -> Callable[[], None]:
        messages = [dict(message) for message in state]

        def apply() -> None:
            self._messages.clear()
            self._messages.extend(messages)

        return apply
