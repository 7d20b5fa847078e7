"""Problems of renting and of stations."""

from collections.abc import Mapping

from chalicelib.domain.problems.problem_codes import ProblemCode, ProblemKind

PROBLEMS: Mapping[ProblemCode, ProblemKind] = {
    "profile_incomplete": ProblemKind(
        403,
        "Please complete your profile first.",
        "पहिले आफ्नो प्रोफाइल पूरा गर्नुहोस्।",
    ),
    "kyc_required": ProblemKind(
        403,
        "You can rent once your identity is verified. "
        "Send your citizenship certificate, or wait if you already have.",
        "पहिचान प्रमाणित भएपछि मात्र पावर बैंक लिन मिल्छ। नागरिकताको फोटो पठाउनुहोस्। पठाइसक्नुभएको भए पर्खनुहोस्।",
    ),
    "due_unpaid": ProblemKind(
        402,
        "You have an unpaid amount from an earlier rental. Please pay it first.",
        "तपाईंको पहिलेको रकम तिर्न बाँकी छ। कृपया पहिले त्यो तिर्नुहोस्।",
    ),
    "rental_open": ProblemKind(
        409,
        "You already have a rental in progress. Please return that power bank first.",
        "तपाईंले लिएको एउटा पावर बैंक फिर्ता हुन बाँकी छ। पहिले त्यो फिर्ता गर्नुहोस्।",
    ),
    "station_offline": ProblemKind(
        503,
        "This station is not working right now. Please try another one.",
        "यो स्टेसन अहिले चलेको छैन। कृपया अर्को स्टेसनमा जानुहोस्।",
    ),
    "station_in_maintenance": ProblemKind(
        409,
        "This station is being repaired. Please try another one.",
        "यो स्टेसन मर्मतमा छ। कृपया अर्को स्टेसनमा जानुहोस्।",
    ),
    "station_busy": ProblemKind(
        409,
        "This station is serving another customer. Please try again in a few seconds.",
        "यो स्टेसनले अर्को ग्राहकलाई पावर बैंक दिँदै छ। केही सेकेन्डपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "no_powerbank_available": ProblemKind(
        409,
        "No charged power bank is left here. Please try another station.",
        "यहाँ चार्ज भएको पावर बैंक छैन। कृपया अर्को स्टेसनमा जानुहोस्।",
    ),
    "return_already_assigned": ProblemKind(
        409,
        "This return has already been assigned to another power bank.",
        "यो फिर्ता अर्को पावर बैंकको भनी तोकिइसकेको छ।",
    ),
    "powerbank_registered": ProblemKind(
        409,
        "This power bank is already registered.",
        "यो पावर बैंक पहिल्यै दर्ता भइसकेको छ।",
    ),
    "powerbank_unregistered": ProblemKind(
        409,
        "This power bank is not registered yet. Please register it first.",
        "यो पावर बैंक दर्ता भएको छैन। कृपया पहिले दर्ता गर्नुहोस्।",
    ),
    "package_unavailable": ProblemKind(
        422,
        "This package is not available. Please choose another.",
        "यो प्याकेज उपलब्ध छैन। कृपया अर्को छान्नुहोस्।",
    ),
    "eject_failed": ProblemKind(
        502,
        "The power bank did not come out. Nothing was charged. Please try again.",
        "पावर बैंक निस्किएन। कुनै रकम काटिएको छैन। कृपया फेरि प्रयास गर्नुहोस्।",
    ),
    "cabinet_unavailable": ProblemKind(
        503,
        "The station did not answer. Nothing was charged. Please try again.",
        "स्टेसनले जवाफ दिएन। कुनै रकम काटिएको छैन। कृपया फेरि प्रयास गर्नुहोस्।",
    ),
    "cabinet_connected": ProblemKind(
        409,
        "This cabinet is connected. It needs no connection data.",
        "यो क्याबिनेट जोडिएकै छ। जडान विवरण चाहिँदैन।",
    ),
    "rental_not_active": ProblemKind(
        409,
        "This rental has already ended.",
        "यो भाडा सकिइसकेको छ।",
    ),
    "powerbank_not_returned": ProblemKind(
        409,
        "You still have the power bank. Put it back in a station first; the rental is then cancelled.",
        "पावर बैंक तपाईंसँगै छ। पहिले स्टेसनमा फिर्ता गर्नुहोस्, अनि भाडा रद्द हुन्छ।",
    ),
    "cancel_too_late": ProblemKind(
        409,
        "A rental can be cancelled in the first {minutes} minutes only. "
        "Please return the power bank when you are done.",
        "पहिलो {minutes} मिनेटभित्र मात्र रद्द गर्न मिल्छ। काम सकिएपछि पावर बैंक फिर्ता गर्नुहोस्।",
    ),
    "extension_too_late": ProblemKind(
        409,
        "The return time has passed. Please return the power bank.",
        "फिर्ता गर्ने समय सकियो। कृपया पावर बैंक फिर्ता गर्नुहोस्।",
    ),
    "extension_limit_reached": ProblemKind(
        409,
        "You can't add more time to this rental. Please return the power bank on time.",
        "अब समय थप्न मिल्दैन। कृपया समयमै पावर बैंक फिर्ता गर्नुहोस्।",
    ),
    "extension_not_needed": ProblemKind(
        409,
        "You pay as you go, so you need no extra time.",
        "तपाईं चलाएजति तिर्नुहुन्छ, त्यसैले समय थप्नु पर्दैन।",
    ),
    "package_not_for_extension": ProblemKind(
        422,
        "You can't add time with this package. Please choose another.",
        "यो प्याकेजले समय थप्न मिल्दैन। कृपया अर्को छान्नुहोस्।",
    ),
    "issue_already_reported": ProblemKind(
        409,
        "You have already told us. We are looking into it.",
        "तपाईंले खबर गरिसक्नुभएको छ। हामी हेर्दै छौँ।",
    ),
    "issue_limit_reached": ProblemKind(
        429,
        "You have sent many reports today. Please try again tomorrow.",
        "आज धेरै खबर पठाउनुभयो। कृपया भोलि फेरि पठाउनुहोस्।",
    ),
    "rental_issue_limit_reached": ProblemKind(
        409,
        "You have sent many reports about this rental. We are looking into it.",
        "यो भाडाबारे धेरै खबर पठाउनुभयो। हामी हेर्दै छौँ।",
    ),
    "rental_issue_too_late": ProblemKind(
        409,
        "This rental ended more than {days} days ago, so you can't report a problem with it any more.",
        "यो भाडा सकिएको {days} दिनभन्दा बढी भयो, त्यसैले अब यसको समस्या खबर गर्न मिल्दैन।",
    ),
    "favorites_full": ProblemKind(
        409,
        "You have {limit} favourite stations. Remove one to add another.",
        "तपाईंका {limit} मनपर्ने स्टेसन छन्। अर्को थप्न एउटा हटाउनुहोस्।",
    ),
}
