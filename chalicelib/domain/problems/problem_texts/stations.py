"""Problems of operators with stations, their cabinets and the issues with them."""

from collections.abc import Mapping

from chalicelib.domain.problems.problem_codes import ProblemCode, ProblemKind

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
    "command_not_sent": ProblemKind(
        503,
        "The command could not be sent. Nothing has happened. Please try again.",
        "आदेश पठाउन सकिएन। केही भएको छैन। कृपया फेरि प्रयास गर्नुहोस्।",
    ),
    "command_no_answer": ProblemKind(
        504,
        "The station has not answered. The command may have worked: check before you try again.",
        "स्टेसनको जवाफ आएन। काम भएको हुन सक्छ: फेरि गर्नुअघि हेर्नुहोस्।",
    ),
    "command_refused": ProblemKind(
        502,
        "The station could not do this.",
        "स्टेसनले यो काम गर्न सकेन।",
    ),
    "powerbank_elsewhere": ProblemKind(
        409,
        "This power bank is not in a slot of this station.",
        "यो पावर बैंक यो स्टेसनको स्लटमा छैन।",
    ),
    "powerbank_in_rental": ProblemKind(
        409,
        "A customer has rented this power bank. End the rental first.",
        "यो पावर बैंक ग्राहकले भाडामा लिनुभएको छ। पहिले भाडा टुङ्ग्याउनुहोस्।",
    ),
    "powerbank_in_doubt": ProblemKind(
        409,
        "A customer may have this power bank. Check the station, and try again later.",
        "यो पावर बैंक ग्राहकसँग हुन सक्छ। स्टेसन जाँचेर केही समयपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "issue_closed": ProblemKind(
        409,
        "This issue is already closed.",
        "यो उजुरी टुङ्गिसकेको छ।",
    ),
}
