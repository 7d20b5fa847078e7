"""What cabinets and the service say to each other over HTTP, by the manufacturer's document."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ConnectionData:
    """What a cabinet needs to connect to the platform over MQTT."""

    device_name: str
    product_key: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    timestamp_ms: int

    def as_text(self) -> str:
        """The seven fields that the cabinet reads, separated by commas."""
        fields = (
            self.device_name,
            self.product_key,
            self.host,
            self.port,
            self.user,
            self.password,
            self.timestamp_ms,
        )
        return ",".join(map(str, fields))


def configuration(area_code: int) -> str:
    """How a cabinet's motors and locks work, as the JSON text that it reads. It refuses other area codes."""
    return json.dumps(
        {
            "dRotationRefer": "15",
            "dReturnLocked": "0",
            "dHeadConfig": "43",
            "dRotationNumber": "5",
            "dRotationEnable": "1",
            "dMotorEnable": "1",
            "dAreaConfig": str(area_code),
        },
        separators=(",", ":"),
    )
