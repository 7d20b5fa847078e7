"""Problems of sign-in, accounts, identity and files."""

from collections.abc import Mapping

from chalicelib.domain.problems.problem_codes import ProblemCode, ProblemKind

PROBLEMS: Mapping[ProblemCode, ProblemKind] = {
    "unauthenticated": ProblemKind(
        401,
        "Please sign in.",
        "कृपया लग इन गर्नुहोस्।",
    ),
    "token_expired": ProblemKind(
        401,
        "Your sign-in has expired. Please sign in again.",
        "लग इनको समय सकियो। कृपया फेरि लग इन गर्नुहोस्।",
    ),
    "session_ended": ProblemKind(
        401,
        "You have been signed out. Please sign in again.",
        "तपाईं लग आउट हुनुभएको छ। कृपया फेरि लग इन गर्नुहोस्।",
    ),
    "account_banned": ProblemKind(
        403,
        "Your account is blocked. Please contact us for help.",
        "तपाईंको खाता रोकिएको छ। सहायताका लागि हामीलाई सम्पर्क गर्नुहोस्।",
    ),
    "account_deleted": ProblemKind(
        409,
        "This account has been deleted.",
        "यो खाता मेटाइसकिएको छ।",
    ),
    "forbidden": ProblemKind(
        403,
        "You don't have permission to do this.",
        "तपाईंलाई यो गर्ने अनुमति छैन।",
    ),
    "address_not_allowed": ProblemKind(
        403,
        "This page can't be opened from your network. Please use the office network.",
        "तपाईंको नेटवर्कबाट यो पृष्ठ खुल्दैन। कृपया कार्यालयको नेटवर्क प्रयोग गर्नुहोस्।",
    ),
    "wrong_credentials": ProblemKind(
        401,
        "Wrong email or password. Please check and try again.",
        "इमेल वा पासवर्ड मिलेन। जाँचेर फेरि प्रयास गर्नुहोस्।",
    ),
    "second_factor_needed": ProblemKind(
        401,
        "Please enter the code that your authenticator app shows.",
        "अथेन्टिकेटर एपले देखाएको कोड लेख्नुहोस्।",
    ),
    "second_factor_wrong": ProblemKind(
        422,
        "This code is wrong or was already used. Please wait for the next one.",
        "कोड मिलेन वा प्रयोग भइसकेको छ। अर्को कोड आएपछि लेख्नुहोस्।",
    ),
    "second_factor_missing": ProblemKind(
        403,
        "Your role needs a second factor. Please set up an authenticator app first.",
        "तपाईंको भूमिकामा दोस्रो पुष्टि चाहिन्छ। पहिले अथेन्टिकेटर एप जोड्नुहोस्।",
    ),
    "second_factor_exists": ProblemKind(
        409,
        "Your account already has a second factor. Please turn it off first.",
        "तपाईंको खातामा दोस्रो पुष्टि छँदै छ। पहिले त्यो हटाउनुहोस्।",
    ),
    "password_wrong": ProblemKind(
        422,
        "This password is wrong. Please check and try again.",
        "पासवर्ड मिलेन। जाँचेर फेरि प्रयास गर्नुहोस्।",
    ),
    "setup_token_invalid": ProblemKind(
        422,
        "This setup code has expired or was already used. Please ask for a new one.",
        "यो सेटअप कोडको म्याद सकियो वा प्रयोग भइसकेको छ। कृपया नयाँ माग्नुहोस्।",
    ),
    "operator_exists": ProblemKind(
        409,
        "There is already an account with this email.",
        "यो इमेलको खाता पहिल्यै छ।",
    ),
    "operators_full": ProblemKind(
        409,
        "There are {limit} staff accounts already. Remove one to add another.",
        "कर्मचारी खाता {limit} वटा पुगिसके। अर्को थप्न एउटा हटाउनुहोस्।",
    ),
    "otp_wrong": ProblemKind(
        422,
        "This code is wrong or has expired. Check it, or ask for a new one.",
        "कोड मिलेन वा यसको म्याद सकियो। जाँच्नुहोस् वा नयाँ कोड माग्नुहोस्।",
    ),
    "otp_resend_too_soon": ProblemKind(
        429,
        "We've just sent you a code. You can ask again in a minute.",
        "कोड भर्खरै पठाएका छौँ। एक मिनेटपछि फेरि माग्न सक्नुहुन्छ।",
    ),
    "otp_limit_reached": ProblemKind(
        429,
        "Too many codes were requested. Please wait and try again later.",
        "धेरै पटक कोड मागियो। कृपया केही समयपछि फेरि माग्नुहोस्।",
    ),
    "sms_unavailable": ProblemKind(
        503,
        "We can't send SMS right now. Please try again in a minute.",
        "अहिले SMS पठाउन सकिएन। केही बेरपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "email_unavailable": ProblemKind(
        503,
        "We can't send email right now. Please try again in a minute.",
        "अहिले इमेल पठाउन सकिएन। केही बेरपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "verification_token_invalid": ProblemKind(
        422,
        "The time to confirm has run out. Please ask for a new code.",
        "पुष्टि गर्ने समय सकियो। कृपया नयाँ कोड माग्नुहोस्।",
    ),
    "verification_needed": ProblemKind(
        422,
        "To make this change, please confirm it with a new code.",
        "यो परिवर्तन गर्न नयाँ कोड मागेर पुष्टि गर्नुहोस्।",
    ),
    "already_registered": ProblemKind(
        409,
        "This phone number or email already has an account. Sign in with it, or use another.",
        "यो फोन नम्बर वा इमेलको खाता पहिल्यै छ। त्यसैबाट लग इन गर्नुहोस् वा अर्को प्रयोग गर्नुहोस्।",
    ),
    "not_registered": ProblemKind(
        409,
        "No account uses this phone number or email. Please create an account.",
        "यो फोन नम्बर वा इमेलको खाता छैन। कृपया खाता खोल्नुहोस्।",
    ),
    "username_taken": ProblemKind(
        409,
        "This username is taken. Please choose another.",
        "यो युजरनेम अरूले लिइसकेका छन्। कृपया अर्को छान्नुहोस्।",
    ),
    "referral_code_invalid": ProblemKind(
        422,
        "We don't know this referral code. Check it, or leave it empty.",
        "यो रेफरल कोड मिलेन। जाँच्नुहोस् वा खाली छोड्नुहोस्।",
    ),
    "referral_own_code": ProblemKind(
        422,
        "This is your own code. Please enter a friend's code.",
        "यो तपाईंकै कोड हो। साथीको कोड लेख्नुहोस्।",
    ),
    "referral_already_claimed": ProblemKind(
        409,
        "You have already used a referral code.",
        "तपाईंले रेफरल कोड चलाइसक्नुभएको छ।",
    ),
    "referral_too_late": ProblemKind(
        409,
        "A referral code can be used before your first rental only.",
        "रेफरल कोड पहिलो पटक पावर बैंक लिनुअघि मात्र चल्छ।",
    ),
    "topup_pending": ProblemKind(
        409,
        "You have a top-up in progress. Please finish or cancel it first.",
        "तपाईंको एउटा टप-अप चलिरहेको छ। पहिले त्यो पूरा वा रद्द गर्नुहोस्।",
    ),
    "balance_left": ProblemKind(
        409,
        "Your wallet still has money. If you delete the account, you lose it. Delete anyway?",
        "तपाईंको वालेटमा रकम बाँकी छ। खाता मेटाएपछि त्यो रकम पाउनुहुने छैन। तैपनि मेटाउने हो?",
    ),
    "kyc_already_approved": ProblemKind(
        409,
        "Your identity is already verified. There is nothing more to do.",
        "तपाईंको पहिचान प्रमाणित भइसकेको छ। अब केही गर्नु पर्दैन।",
    ),
    "kyc_already_decided": ProblemKind(
        409,
        "This submission has already been decided.",
        "यो निवेदनको निर्णय भइसकेको छ।",
    ),
    "kyc_superseded": ProblemKind(
        409,
        "The customer has sent newer documents. Please review those.",
        "ग्राहकले नयाँ कागजात पठाउनुभएको छ। कृपया त्यो हेर्नुहोस्।",
    ),
    "document_already_used": ProblemKind(
        409,
        "This document is already used by another account. If it is yours, please contact us.",
        "यो कागजात अर्को खातामा प्रयोग भएको छ। तपाईंकै हो भने हामीलाई सम्पर्क गर्नुहोस्।",
    ),
    "image_invalid": ProblemKind(
        422,
        "This photo can't be used. Please take it again or choose another.",
        "यो फोटो चलेन। कृपया फेरि खिच्नुहोस् वा अर्को छान्नुहोस्।",
    ),
    "media_unavailable": ProblemKind(
        503,
        "We can't take files right now. Please try again in a minute.",
        "अहिले फाइल पठाउन सकिएन। केही बेरपछि फेरि प्रयास गर्नुहोस्।",
    ),
    "upload_limit_reached": ProblemKind(
        429,
        "You have sent too many files. Please try again in an hour.",
        "धेरै फाइल पठाइयो। एक घण्टापछि फेरि प्रयास गर्नुहोस्।",
    ),
    "upload_unusable": ProblemKind(
        422,
        "This file can't be used. Please send it again.",
        "यो फाइल चलेन। कृपया फेरि पठाउनुहोस्।",
    ),
}
