"""Problems of top-ups, payments and refunds."""

from collections.abc import Mapping

from chalicelib.domain.problems.problem_codes import ProblemCode, ProblemKind

PROBLEMS: Mapping[ProblemCode, ProblemKind] = {
    "insufficient_funds": ProblemKind(
        402,
        "You don't have enough money or points. Please top up your wallet.",
        "तपाईंको रकम र पोइन्टले पुगेन। कृपया वालेटमा रकम थप्नुहोस्।",
    ),
    "amount_out_of_range": ProblemKind(
        422,
        "This amount is too small or too large for this payment method. Please change it.",
        "यो माध्यमका लागि रकम धेरै कम वा धेरै बढी भयो। कृपया रकम बदल्नुहोस्।",
    ),
    "payment_method_unavailable": ProblemKind(
        422,
        "This payment method is not available. Please choose another.",
        "यो भुक्तानी माध्यम उपलब्ध छैन। कृपया अर्को छान्नुहोस्।",
    ),
    "return_url_not_allowed": ProblemKind(
        422,
        "You can't pay from this app. Please update it and try again.",
        "यो एपबाट भुक्तानी गर्न मिलेन। कृपया एप अपडेट गरी फेरि प्रयास गर्नुहोस्।",
    ),
    "gateway_unavailable": ProblemKind(
        503,
        "This payment service is not working right now. Try again soon, or choose another method.",
        "यो भुक्तानी सेवा अहिले चलेको छैन। केही बेरपछि प्रयास गर्नुहोस् वा अर्को माध्यम छान्नुहोस्।",
    ),
    "topup_over": ProblemKind(
        409,
        "This top-up has ended. Check your wallet before you start a new one.",
        "यो टप-अप सकिएको छ। नयाँ सुरु गर्नुअघि वालेट हेर्नुहोस्।",
    ),
    "intent_not_cancellable": ProblemKind(
        409,
        "This top-up has already ended, so it can't be cancelled.",
        "यो टप-अप सकिइसकेको छ, त्यसैले रद्द गर्न मिल्दैन।",
    ),
    "intent_not_disputed": ProblemKind(
        409,
        "This top-up is not waiting for review.",
        "यो टप-अप जाँच्न बाँकी छैन।",
    ),
    "webhook_forged": ProblemKind(
        400,
        "The signature is wrong.",
        "हस्ताक्षर मिलेन।",
    ),
    "nothing_due": ProblemKind(
        409,
        "You have nothing to pay for this rental.",
        "तपाईंले तिर्नुपर्ने रकम केही बाँकी छैन।",
    ),
    "not_refundable": ProblemKind(
        409,
        "This payment can't be refunded. If you think this is wrong, please contact us.",
        "यो भुक्तानीको रकम फिर्ता हुँदैन। गल्ती भएजस्तो लागे हामीलाई सम्पर्क गर्नुहोस्।",
    ),
    "already_refunded": ProblemKind(
        409,
        "This payment has already been refunded in full.",
        "यो भुक्तानीको पूरै रकम फिर्ता भइसकेको छ।",
    ),
    "refund_open": ProblemKind(
        409,
        "A refund request is already open. Please wait for our answer.",
        "रकम फिर्ताको अनुरोध चलिरहेको छ। कृपया हाम्रो जवाफ पर्खनुहोस्।",
    ),
    "refund_spent": ProblemKind(
        409,
        "This top-up has been spent, so it can't be refunded.",
        "यो टप-अपको रकम खर्च भइसकेको छ, त्यसैले फिर्ता हुँदैन।",
    ),
    "refund_points_spent": ProblemKind(
        409,
        "You have spent the points this top-up earned, so it can't be refunded.",
        "यो टप-अपबाट पाएका पोइन्ट खर्च भइसकेका छन्, त्यसैले रकम फिर्ता हुँदैन।",
    ),
    "packages_full": ProblemKind(
        409,
        "There are {limit} packages already. Change one that is hidden.",
        "{limit} वटा प्याकेज भइसके। लुकाइएको कुनै एउटा बदल्नुहोस्।",
    ),
    "addition_already_decided": ProblemKind(
        409,
        "This addition has already been decided.",
        "यो रकम थप्ने अनुरोधको निर्णय भइसकेको छ।",
    ),
    "addition_own_request": ProblemKind(
        403,
        "You can't decide an addition that you asked for, or add money to your own wallet.",
        "आफैँले गरेको अनुरोधको निर्णय गर्न वा आफ्नै वालेटमा रकम थप्न मिल्दैन।",
    ),
    "addition_requester_inactive": ProblemKind(
        409,
        "The operator who asked for this addition is no longer active. Reject it, and ask for a new one.",
        "यो रकम थप्न अनुरोध गर्ने अपरेटर अब सक्रिय छैनन्। यसलाई अस्वीकार गरी नयाँ अनुरोध गर्नुहोस्।",
    ),
    "balance_needs_super_admin": ProblemKind(
        403,
        "A super admin must request or approve this addition.",
        "यो रकम थप्न सुपर एडमिनको अनुरोध वा स्वीकृति चाहिन्छ।",
    ),
    "refund_already_decided": ProblemKind(
        409,
        "This refund has already been decided.",
        "यो रकम फिर्ताको निर्णय भइसकेको छ।",
    ),
    "reversal_already_decided": ProblemKind(
        409,
        "This reversal has already been decided.",
        "फिर्ता गएको यस रकमको निर्णय भइसकेको छ।",
    ),
    "refund_own_request": ProblemKind(
        403,
        "You can't decide a refund that you asked for or will receive.",
        "आफूले मागेको वा आफूले पाउने रकम फिर्ताको निर्णय आफैँ गर्न मिल्दैन।",
    ),
    "refund_in_progress": ProblemKind(
        409,
        "The payment service has not answered about this refund yet. Please wait.",
        "यो रकम फिर्ताबारे भुक्तानी सेवाको जवाफ आएको छैन। कृपया पर्खनुहोस्।",
    ),
}
