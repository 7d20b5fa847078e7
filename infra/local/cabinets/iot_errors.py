"""How the simulated Alibaba IoT refuses a request."""


class IotError(Exception):
    """A request that the platform rejects: HTTP status (200 for its own `iot.` codes), code and message."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(code)
