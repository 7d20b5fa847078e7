"""Every error worth telling: its status, its stable code, and what it says in both languages."""

from collections.abc import Mapping
from typing import Any, NamedTuple

type_url = "https://docs.bijuli.example/problems"


class ProblemKind(NamedTuple):
    """What a code always means: the HTTP status and the text in English and in Nepali."""

    status: int
    en: str
    ne: str


PROBLEM_KINDS: dict[str, ProblemKind] = {
    # the request itself
    "malformed_body": ProblemKind(400, "The body could not be read.", "पठाइएको विवरण पढ्न सकिएन।"),
    "invalid_input": ProblemKind(422, "Some fields are missing or wrong.", "केही विवरण छुटेका वा गलत छन्।"),
    "invalid_cursor": ProblemKind(422, "The cursor is not valid here.", "यो पृष्ठ चिन्ह मान्य छैन।"),
    "not_found": ProblemKind(404, "Not found.", "फेला परेन।"),
    "method_not_allowed": ProblemKind(405, "This method is not allowed here.", "यो विधि यहाँ मान्य छैन।"),
    "too_large": ProblemKind(413, "The body is too large.", "पठाइएको विवरण धेरै ठूलो छ।"),
    "unsupported_media_type": ProblemKind(415, "This content type is not supported.", "यो सामग्री प्रकार मान्य छैन।"),
    "rate_limited": ProblemKind(429, "Too many requests. Try again later.", "धेरै पटक प्रयास भयो। पछि प्रयास गर्नुहोस्।"),
    "internal_error": ProblemKind(500, "Something went wrong on our side.", "हाम्रो तर्फ समस्या भयो।"),
    "storage_unavailable": ProblemKind(503, "Storage is away. Try again soon.", "सेवा केही समयका लागि उपलब्ध छैन।"),
    "busy": ProblemKind(503, "Too busy at the moment. Try again soon.", "अहिले व्यस्त छ। केही बेरमा प्रयास गर्नुहोस्।"),
    # idempotency
    "idempotency_key_reused": ProblemKind(
        422, "This Idempotency-Key was used with another request.", "यो कुञ्जी अर्कै अनुरोधमा प्रयोग भइसकेको छ।"
    ),
    "idempotency_in_progress": ProblemKind(
        409, "The first request with this key is still running.", "यही कुञ्जीको पहिलो अनुरोध चलिरहेको छ।"
    ),
    # who asks
    "unauthenticated": ProblemKind(401, "Please sign in.", "कृपया साइन इन गर्नुहोस्।"),
    "token_expired": ProblemKind(401, "The session has expired.", "सत्रको समय सकियो।"),
    "session_ended": ProblemKind(
        401, "This session has ended. Please sign in again.", "यो सत्र सकिएको छ। फेरि साइन इन गर्नुहोस्।"
    ),
    "account_banned": ProblemKind(403, "This account is blocked.", "यो खाता रोकिएको छ।"),
    "account_deleted": ProblemKind(409, "This account has been deleted.", "यो खाता मेटाइसकिएको छ।"),
    "forbidden": ProblemKind(403, "You may not do this.", "तपाईंलाई यो गर्ने अनुमति छैन।"),
    "wrong_credentials": ProblemKind(401, "Wrong e-mail or password.", "इमेल वा पासवर्ड मिलेन।"),
    # signing in
    "otp_wrong": ProblemKind(422, "The code is wrong, used or expired.", "कोड गलत छ वा म्याद सकियो।"),
    "otp_resend_too_soon": ProblemKind(
        429, "A code was just sent. Please wait.", "कोड भर्खरै पठाइएको छ। केही बेर पर्खनुहोस्।"
    ),
    "otp_limit_reached": ProblemKind(
        429, "Too many codes were asked for. Try again later.", "धेरै पटक कोड मागियो। पछि प्रयास गर्नुहोस्।"
    ),
    "sms_unavailable": ProblemKind(503, "SMS can't be sent at the moment.", "अहिले एसएमएस पठाउन सकिएन।"),
    "email_unavailable": ProblemKind(503, "E-mail can't be sent at the moment.", "अहिले इमेल पठाउन सकिएन।"),
    "verification_token_invalid": ProblemKind(
        422, "The verification token is wrong, used or expired.", "प्रमाणीकरण टोकन मान्य छैन।"
    ),
    "verification_needed": ProblemKind(422, "This change needs a fresh code.", "यो परिवर्तनका लागि नयाँ कोड चाहिन्छ।"),
    "already_registered": ProblemKind(
        409, "This phone number or e-mail is registered already.", "यो नम्बर वा इमेल दर्ता भइसकेको छ।"
    ),
    "not_registered": ProblemKind(409, "This phone number or e-mail is not registered.", "यो नम्बर वा इमेल दर्ता छैन।"),
    "username_taken": ProblemKind(409, "This username is taken.", "यो प्रयोगकर्ता नाम लिइसकिएको छ।"),
    "referral_code_invalid": ProblemKind(422, "This referral code is not valid.", "यो रेफरल कोड मान्य छैन।"),
    # going
    "topup_pending": ProblemKind(
        409, "A top-up is still open. Wait for it or cancel it first.", "एउटा भुक्तानी बाँकी छ। पहिले त्यसलाई टुङ्ग्याउनुहोस्।"
    ),
    "balance_left": ProblemKind(
        409,
        "There is money left in the wallet. Say whether it is forfeited.",
        "वालेटमा रकम बाँकी छ। त्यसलाई छाड्ने हो कि भन्नुहोस्।",
    ),
    # papers
    "kyc_already_approved": ProblemKind(409, "The identity is verified already.", "परिचय प्रमाणित भइसकेको छ।"),
    "kyc_already_decided": ProblemKind(409, "This submission is decided already.", "यो निवेदनको निर्णय भइसकेको छ।"),
    "kyc_superseded": ProblemKind(
        409,
        "Other papers were handed in meanwhile. Please look at those.",
        "यसबीच अर्को कागजात बुझाइएको छ। कृपया त्यो हेर्नुहोस्।",
    ),
    "document_already_used": ProblemKind(
        409, "This document belongs to another account.", "यो कागजात अर्को खातामा प्रयोग भएको छ।"
    ),
    "image_invalid": ProblemKind(422, "The image can't be accepted.", "यो तस्बिर स्वीकार गर्न सकिएन।"),
    "media_unavailable": ProblemKind(503, "Uploads are away at the moment.", "अहिले अपलोड गर्न सकिएन।"),
    # uploads
    "upload_limit_reached": ProblemKind(
        429, "Too many files were uploaded. Try again later.", "धेरै फाइल अपलोड भयो। पछि प्रयास गर्नुहोस्।"
    ),
    "upload_unusable": ProblemKind(422, "This upload can't be used here.", "यो अपलोड यहाँ प्रयोग गर्न मिल्दैन।"),
    # money
    "insufficient_funds": ProblemKind(402, "There is not enough money or points.", "पर्याप्त रकम वा अंक छैन।"),
    "amount_out_of_range": ProblemKind(
        422, "The amount is outside the limits of this method.", "रकम यो माध्यमको सीमा बाहिर छ।"
    ),
    "payment_method_unavailable": ProblemKind(
        422, "This payment method is not available.", "यो भुक्तानी माध्यम उपलब्ध छैन।"
    ),
    "return_url_not_allowed": ProblemKind(422, "This return address is not allowed.", "यो फिर्ता ठेगाना मान्य छैन।"),
    "gateway_unavailable": ProblemKind(503, "The payment gateway is away.", "भुक्तानी सेवा उपलब्ध छैन।"),
    "topup_over": ProblemKind(
        409, "This top-up is over. Please begin another.", "यो भुक्तानी सकियो। कृपया अर्को सुरु गर्नुहोस्।"
    ),
    "intent_not_cancellable": ProblemKind(
        409, "This top-up can't be cancelled any more.", "यो भुक्तानी अब रद्द गर्न मिल्दैन।"
    ),
    "intent_not_disputed": ProblemKind(409, "This top-up does not wait for anybody.", "यो भुक्तानीमा कुनै विवाद छैन।"),
    "webhook_forged": ProblemKind(400, "The signature is wrong.", "हस्ताक्षर मिलेन।"),
    "nothing_due": ProblemKind(409, "Nothing is due for this rental.", "यो भाडामा तिर्न बाँकी छैन।"),
    "not_refundable": ProblemKind(409, "This payment can't be refunded.", "यो भुक्तानी फिर्ता हुन मिल्दैन।"),
    "already_refunded": ProblemKind(409, "All of this payment has been refunded.", "यो भुक्तानी फिर्ता भइसकेको छ।"),
    "refund_open": ProblemKind(
        409, "A refund of this payment is open already.", "यो भुक्तानी फिर्ताको अनुरोध चलिरहेको छ।"
    ),
    "refund_spent": ProblemKind(409, "This top-up has been spent.", "यो रकम खर्च भइसकेको छ।"),
    "refund_points_spent": ProblemKind(
        409, "The points this top-up earned have been spent.", "यो रकमबाट पाएका अंक खर्च भइसकेका छन्।"
    ),
    "refund_already_decided": ProblemKind(409, "This refund is decided already.", "यो फिर्ताको निर्णय भइसकेको छ।"),
    "refund_own_request": ProblemKind(
        403, "Who asked for a refund can't decide it.", "फिर्ता माग्ने व्यक्तिले आफैँ निर्णय गर्न मिल्दैन।"
    ),
    "refund_in_progress": ProblemKind(
        409, "The gateway is still being asked about this refund.", "यो फिर्ताबारे भुक्तानी सेवासँग सोधिँदैछ।"
    ),
    # renting
    "profile_incomplete": ProblemKind(403, "Please complete the profile first.", "पहिले प्रोफाइल पूरा गर्नुहोस्।"),
    "kyc_required": ProblemKind(403, "The identity must be verified first.", "पहिले परिचय प्रमाणित गर्नुहोस्।"),
    "due_unpaid": ProblemKind(402, "An earlier rental is still unpaid.", "अघिल्लो भाडाको रकम तिर्न बाँकी छ।"),
    "rental_open": ProblemKind(409, "There is an open rental already.", "एउटा भाडा चलिरहेको छ।"),
    "station_offline": ProblemKind(503, "The station is offline.", "स्टेसन अफलाइन छ।"),
    "station_in_maintenance": ProblemKind(409, "The station is being repaired.", "स्टेसन मर्मतमा छ।"),
    "station_busy": ProblemKind(409, "The station is handing out another power bank.", "स्टेसनले अर्को पावर बैंक दिँदैछ।"),
    "no_powerbank_available": ProblemKind(409, "No power bank is ready here.", "यहाँ पावर बैंक उपलब्ध छैन।"),
    "package_unavailable": ProblemKind(422, "This package is not available.", "यो प्याकेज उपलब्ध छैन।"),
    "eject_failed": ProblemKind(
        502,
        "The station could not hand out the power bank. Nothing was charged.",
        "स्टेसनले पावर बैंक दिन सकेन। कुनै रकम काटिएको छैन।",
    ),
    "cabinet_unavailable": ProblemKind(503, "The station did not answer.", "स्टेसनले जवाफ दिएन।"),
}


class Problem(Exception):
    """A refusal the caller is told about.

    `details` go out under `error.details`; `errors` name fields (422 only); `retry_after_seconds` becomes the
    `Retry-After` header. An unlisted code is a programming error and raises `KeyError` at once.
    """

    def __init__(
        self,
        code: str,
        *,
        errors: Mapping[str, list[str]] | None = None,
        retry_after_seconds: int | None = None,
        **details: Any,
    ) -> None:
        self.kind = PROBLEM_KINDS[code]
        self.code = code
        self.status = self.kind.status
        self.details = details
        self.errors = dict(errors) if errors else None
        self.retry_after_seconds = retry_after_seconds
        super().__init__(code)
