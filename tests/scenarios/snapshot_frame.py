"""What a cabinet of the demo reports of its slots."""

from datetime import datetime

from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from infra.local.seeds.demo_stations import DemoStation

TEMPERATURES = 59


def snapshot_frame(
    station: DemoStation, read_at: datetime, *, without: str | None, plus: tuple[int, str] | None
) -> bytes:
    """The demo's slots, without one power bank, or with another: `plus` is a slot and a power bank.

    Lists that were read at different times differ in their temperatures.
    """
    content = []
    for number, (bank, percent) in station.slots().items():
        lying = (bank, percent) if bank and bank != without else (None, 0)
        content.append(SlotContent(number, *((plus[1], 40) if plus and plus[0] == number else lying)))
    return frames.snapshot(content, celsius=int(read_at.timestamp()) % TEMPERATURES)
