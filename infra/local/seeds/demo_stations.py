"""The demo's stations and the power banks in their slots."""

from dataclasses import dataclass

PRODUCT_KEY = "a1BijuliDemo"


@dataclass(frozen=True)
class DemoStation:
    """A station and its cabinet; `banks` by slot number: (number, percent)."""

    sn: str
    imei: str
    name: str
    address: str
    landmark: str
    latitude: float
    longitude: float
    slots_count: int
    banks: dict[int, tuple[str, int]]

    def slots(self) -> dict[int, tuple[str | None, int]]:
        """Every slot with its power bank."""
        return {number: self.banks.get(number, (None, 0)) for number in range(1, self.slots_count + 1)}


FLEET = (
    DemoStation(
        "40000444",
        "864601069946994",
        "Labim Mall",
        "Pulchowk, Lalitpur",
        "Ground floor, by the lift",
        27.6776,
        85.3165,
        8,
        {
            1: ("40818051", 92),
            2: ("40818052", 100),
            3: ("40818053", 64),
            4: ("40818054", 81),
            5: ("40818055", 15),
        },
    ),
    DemoStation(
        "40000445",
        "864601069946995",
        "Civil Mall",
        "Sundhara, Kathmandu",
        "Main entrance",
        27.6995,
        85.3123,
        8,
        {1: ("40818061", 88), 2: ("40818062", 97), 3: ("40818063", 73)},
    ),
    DemoStation(
        "40000446",
        "864601069946996",
        "Lakeside Café",
        "Baidam, Pokhara",
        "Opposite the boat landing",
        28.2096,
        83.9556,
        6,
        {1: ("40818071", 95), 4: ("40818074", 56)},
    ),
    DemoStation(
        "40000447",
        "864601069946997",
        "Sauraha Bus Park",
        "Ratnanagar, Chitwan",
        "Ticket counter",
        27.5745,
        84.4935,
        6,
        {2: ("40818082", 79), 3: ("40818083", 90), 5: ("40818085", 33)},
    ),
)
