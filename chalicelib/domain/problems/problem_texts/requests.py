"""Problems of a request as such: its body, its fields, its limits and its Idempotency-Key."""

from collections.abc import Mapping

from chalicelib.domain.problems.problem_codes import ProblemCode, ProblemKind

PROBLEMS: Mapping[ProblemCode, ProblemKind] = {
    "malformed_body": ProblemKind(
        400,
        "We couldn't read this request. Please update the app and try again.",
        "यो अनुरोध पढ्न सकिएन। कृपया एप अपडेट गरी फेरि प्रयास गर्नुहोस्।",
    ),
    "invalid_input": ProblemKind(
        422,
        "Some details are missing or wrong. Please check them.",
        "केही विवरण छुटेका वा मिलेका छैनन्। कृपया जाँच्नुहोस्।",
    ),
    "invalid_cursor": ProblemKind(
        422,
        "This list has changed. Please open it again.",
        "यो सूची बदलिएको छ। कृपया फेरि खोल्नुहोस्।",
    ),
    "not_found": ProblemKind(
        404,
        "We couldn't find this. It may have been removed.",
        "यो भेटिएन। हटाइएको हुन सक्छ।",
    ),
    "method_not_allowed": ProblemKind(
        405,
        "This can't be done here. Please update the app and try again.",
        "यो काम यहाँ गर्न मिल्दैन। कृपया एप अपडेट गरी फेरि प्रयास गर्नुहोस्।",
    ),
    "too_large": ProblemKind(
        413,
        "The file is too large. Please choose a smaller one.",
        "फाइल धेरै ठूलो भयो। कृपया सानो फाइल छान्नुहोस्।",
    ),
    "unsupported_media_type": ProblemKind(
        415,
        "This kind of file can't be used. Please choose another, such as a JPEG photo.",
        "यस्तो फाइल चल्दैन। कृपया अर्को छान्नुहोस्, जस्तै JPEG फोटो।",
    ),
    "rate_limited": ProblemKind(
        429,
        "Too many tries. Please wait a little and try again.",
        "धेरै पटक प्रयास भयो। केही बेरपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "internal_error": ProblemKind(
        500,
        "Something went wrong on our side. Please try again.",
        "हाम्रो तर्फबाट समस्या भयो। कृपया फेरि प्रयास गर्नुहोस्।",
    ),
    "storage_unavailable": ProblemKind(
        503,
        "The service is not available right now. Please try again in a minute.",
        "अहिले सेवा उपलब्ध छैन। केही बेरपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "busy": ProblemKind(
        503,
        "We're busy right now. Please try again in a moment.",
        "अहिले सेवा व्यस्त छ। केही बेरपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "idempotency_key_reused": ProblemKind(
        422,
        "This request was already used for something else. Please start again.",
        "यो अनुरोध अर्कै काममा प्रयोग भइसकेको छ। कृपया सुरुबाट गर्नुहोस्।",
    ),
    "idempotency_in_progress": ProblemKind(
        409,
        "We're still working on your first request. Please wait.",
        "तपाईंको पहिलो अनुरोध चलिरहेको छ। कृपया पर्खनुहोस्।",
    ),
}
