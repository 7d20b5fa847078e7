"""Problems of coupons, of broadcasts, and of content that operators write."""

from collections.abc import Mapping

from chalicelib.domain.problems.problem_codes import ProblemCode, ProblemKind

PROBLEMS: Mapping[ProblemCode, ProblemKind] = {
    "achievements_full": ProblemKind(
        409,
        "There are {limit} achievements already. Change one that has ended.",
        "{limit} वटा उपलब्धि भइसके। सकिएको कुनै एउटा बदल्नुहोस्।",
    ),
    "coupon_unknown": ProblemKind(
        422,
        "We don't know this coupon. Please check the code.",
        "यो कुपन मिलेन। कृपया कोड जाँच्नुहोस्।",
    ),
    "coupon_not_started": ProblemKind(
        409,
        "This coupon can't be used yet. Try again from {day}.",
        "यो कुपन अहिले चल्दैन। {day} देखि प्रयास गर्नुहोस्।",
    ),
    "coupon_expired": ProblemKind(
        409,
        "This coupon has expired.",
        "यो कुपनको म्याद सकियो।",
    ),
    "coupon_used_up": ProblemKind(
        409,
        "This coupon has been fully used.",
        "यो कुपन सकिइसकेको छ।",
    ),
    "coupon_already_used": ProblemKind(
        409,
        "You have already used this coupon.",
        "यो कुपन तपाईंले चलाइसक्नुभएको छ।",
    ),
    "dates_wrong": ProblemKind(
        422,
        "The end must be after the start.",
        "अन्त्य सुरुभन्दा पछि हुनुपर्छ।",
    ),
    "changed_meanwhile": ProblemKind(
        409,
        "Somebody else has changed this. Please reload and look again.",
        "यो अरूले बदलिसक्नुभएको छ। कृपया फेरि खोलेर हेर्नुहोस्।",
    ),
    "content_full": ProblemKind(
        409,
        "This list is full. Delete one to add another.",
        "यो सूची भरियो। अर्को थप्न एउटा मेटाउनुहोस्।",
    ),
    "name_taken": ProblemKind(
        409,
        "This code or name is already used. Please choose another.",
        "यो कोड वा नाम प्रयोग भइसकेको छ। कृपया अर्को छान्नुहोस्।",
    ),
    "broadcast_just_sent": ProblemKind(
        409,
        "The same message was just sent. Do you want to send it again?",
        "यही सन्देश भर्खरै गएको छ। फेरि पठाउने हो?",
    ),
}
