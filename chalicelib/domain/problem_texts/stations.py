"""Problems of operators with stations, their cabinets and the reports about them."""

from collections.abc import Mapping

from chalicelib.domain.problem_codes import ProblemCode, ProblemKind

PROBLEMS: Mapping[ProblemCode, ProblemKind] = {
    "station_exists": ProblemKind(
        409,
        "A station with this number or IMEI already exists.",
        "यो नम्बर वा IMEI को स्टेसन पहिल्यै छ।",
    ),
    "station_in_use": ProblemKind(
        409,
        "This station still has power banks or open rentals. Empty it first.",
        "यो स्टेसनमा पावर बैंक वा चलिरहेको भाडा छ। पहिले खाली गर्नुहोस्।",
    ),
}
