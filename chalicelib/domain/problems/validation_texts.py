"""The texts of the validation messages, in English and Nepali. Apps show each text alone under its field."""

from collections.abc import Mapping

from chalicelib.domain.problems.validation_codes import ValidationCode
from chalicelib.domain.text.texts import Text

VALIDATION_TEXTS: Mapping[ValidationCode, Text] = {
    # any field
    "required": Text("Please fill this in.", "कृपया यो भर्नुहोस्।"),
    "text_too_short": Text("Use at least {min} characters.", "कम्तीमा {min} अक्षर लेख्नुहोस्।"),
    "text_too_long": Text("Use at most {max} characters.", "बढीमा {max} अक्षर लेख्नुहोस्।"),
    "otp_incomplete": Text("Enter all 6 digits of the code.", "कोडका ६ वटै अङ्क लेख्नुहोस्।"),
    "username_format": Text(
        "Use 3 to 30 English letters, digits, dots or underscores.", "३ देखि ३० वटा अङ्ग्रेजी अक्षर, अङ्क, . वा _ लेख्नुहोस्।"
    ),
    "id_format": Text("This number isn't right. Please scan again.", "यो नम्बर मिलेन। फेरि स्क्यान गर्नुहोस्।"),
    "text_expected": Text("Please write this as text.", "कृपया यो अक्षरमा लेख्नुहोस्।"),
    "integer_expected": Text("Enter a whole number.", "पूर्ण अङ्क लेख्नुहोस्, जस्तै 5"),
    "number_expected": Text("Enter a number.", "अङ्कमा लेख्नुहोस्।"),
    "boolean_expected": Text("Choose yes or no.", "हो वा होइन छान्नुहोस्।"),
    "option_unknown": Text("Choose one of the options.", "दिइएकामध्ये एउटा छान्नुहोस्।"),
    "date_impossible": Text("There is no such date. Please check it.", "यस्तो मिति छैन। कृपया जाँच्नुहोस्।"),
    "date_too_early": Text("Enter a date after 1900.", "सन् १९०० पछिको मिति लेख्नुहोस्।"),
    "date_format": Text(
        "Write the English date (AD) like this: 1995-05-15", "अङ्ग्रेजी मिति (ई.सं.) यसरी लेख्नुहोस्: 1995-05-15"
    ),
    "number_out_of_range": Text("Enter a number from {min} to {max}.", "{min} देखि {max} सम्मको अङ्क लेख्नुहोस्।"),
    "number_too_small": Text("Enter {min} or more.", "{min} वा त्योभन्दा बढी लेख्नुहोस्।"),
    "field_unknown": Text("This field isn't known here.", "यो विवरण यहाँ चाहिँदैन।"),
    "check_this": Text("Please check this.", "कृपया यो जाँच्नुहोस्।"),
    "text_unsavable": Text(
        "This has characters we can't save. Please type it again.", "यसमा नमिल्ने चिह्न छ। कृपया फेरि लेख्नुहोस्।"
    ),
    "field_repeated": Text("This was sent more than once.", "यो एकभन्दा बढी पटक आयो।"),
    "idempotency_key_format": Text("Use 1 to 255 printable characters.", "१ देखि २५५ अक्षर राख्नुहोस्।"),
    "version_format": Text("Write a version like 1.4.0", "संस्करण यसरी लेख्नुहोस्: 1.4.0"),
    "location_incomplete": Text("We need both parts of the location.", "स्थानका दुवै भाग (lat र lng) चाहिन्छ।"),
    # accounts, identity and files
    "identifier_format": Text(
        "Enter a Nepali mobile number or an email address.", "नेपालको मोबाइल नम्बर वा इमेल लेख्नुहोस्।"
    ),
    "phone_number_format": Text(
        "Enter a Nepali mobile number, like 9841234567", "नेपालको मोबाइल नम्बर लेख्नुहोस्, जस्तै 9841234567"
    ),
    "email_format": Text("Enter an email address, like sita@example.com", "इमेल लेख्नुहोस्, जस्तै sita@example.com"),
    "last_identifier": Text(
        "Add another phone number or email before you remove this.",
        "लग इन गर्न फोन नम्बर वा इमेल चाहिन्छ। पहिले अर्को थप्नुहोस्।",
    ),
    "one_identifier_at_a_time": Text(
        "Change your phone number and email one at a time.", "फोन नम्बर र इमेल एक-एक गरी बदल्नुहोस्।"
    ),
    "confirm_first": Text("Please confirm with a code first.", "कृपया पहिले कोडले पुष्टि गर्नुहोस्।"),
    "username_taken": Text("This username is taken.", "यो युजरनेम अरूले लिइसकेका छन्।"),
    "network_format": Text("Write a network like 203.0.113.0/24", "नेटवर्क यसरी लेख्नुहोस्: 203.0.113.0/24"),
    "network_without_you": Text("Your own address must be in the list.", "तपाईंको आफ्नै ठेगाना सूचीमा हुनुपर्छ।"),
    "username_not_removable": Text(
        "You can change your username, but not remove it.", "युजरनेम बदल्न मिल्छ, हटाउन मिल्दैन।"
    ),
    "referral_code_unknown": Text("Check the code, or leave it empty.", "कोड जाँच्नुहोस् वा खाली छोड्नुहोस्।"),
    "coupon_code_format": Text(
        "Use at least 4 English letters and digits.", "कम्तीमा ४ वटा अङ्ग्रेजी अक्षर र अङ्क लेख्नुहोस्।"
    ),
    "coupon_cap_lowered": Text(
        "This limit can be raised or removed, but not lowered.", "यो सीमा बढाउन वा हटाउन मिल्छ, घटाउन मिल्दैन।"
    ),
    "content_too_long": Text("This text is too long. Please shorten it.", "यो धेरै लामो भयो। कृपया छोटो पार्नुहोस्।"),
    "link_format": Text("Enter a full address that begins with https://.", "https:// बाट सुरु हुने पूरा ठेगाना लेख्नुहोस्।"),
    "avatar_not_yours": Text("Choose a photo that you sent yourself.", "आफूले पठाएको फोटो छान्नुहोस्।"),
    "birth_date_in_future": Text(
        "Use the English date (AD), like 1995-05-15", "अङ्ग्रेजी मिति (ई.सं.) लेख्नुहोस्, जस्तै 1995-05-15"
    ),
    "document_number_format": Text(
        "Enter the number as on your citizenship certificate.", "नागरिकतामा जस्तो छ, त्यस्तै नम्बर लेख्नुहोस्।"
    ),
    "district_unknown": Text(
        "Enter the district on your certificate, like Kathmandu",
        "नागरिकता जारी भएको जिल्लाको नाम लेख्नुहोस्, जस्तै काठमाडौं",
    ),
    "issue_date_format": Text("Write the date of issue like this: 2074-05-11", "जारी मिति यसरी लेख्नुहोस्: 2074-05-11"),
    "issue_date_in_future": Text(
        "This day is still to come. Please check the date.", "यो दिन आउन बाँकी छ। कृपया मिति जाँच्नुहोस्।"
    ),
    "file_missing": Text("Choose a file.", "फाइल छान्नुहोस्।"),
    "refresh_of_another_account": Text("This sign-in belongs to another account.", "यो लग इन अर्को खाताको हो।"),
    # payments and rentals
    "amount_format": Text("Enter an amount, like 500", "रकम लेख्नुहोस्, जस्तै 500"),
    "amount_zero": Text("Enter an amount above 0.", "० भन्दा बढी रकम लेख्नुहोस्।"),
    "amount_too_large": Text("This amount is too large.", "यो रकम धेरै ठूलो भयो।"),
    "amount_out_of_range": Text(
        "Enter an amount from Rs. {min} to Rs. {max}.", "रु. {min} देखि रु. {max} सम्मको रकम लेख्नुहोस्।"
    ),
    "amount_missing": Text("Enter the amount to add.", "थप्ने रकम लेख्नुहोस्।"),
    "amount_due_changed": Text(
        "The amount due has changed. Please open the rental again.", "तिर्न बाँकी रकम बदलिएको छ। भाडा फेरि खोल्नुहोस्।"
    ),
    "package_missing": Text("Choose a package.", "प्याकेज छान्नुहोस्।"),
    "payment_method_unavailable": Text("Choose another payment method.", "अर्को भुक्तानी माध्यम छान्नुहोस्।"),
    "return_url_not_allowed": Text("This return address is not allowed.", "यो ठेगानामा फर्कन मिल्दैन।"),
    "rental_of_another_path": Text(
        "This isn't the rental you opened. Please open it again.", "यो तपाईंले खोलेको भाडा होइन। फेरि खोल्नुहोस्।"
    ),
    "end_date_out_of_range": Text(
        "Choose an end date within {days} days of the start date.",
        "अन्तिम मिति सुरुको मितिदेखि {days} दिनभित्रको छान्नुहोस्।",
    ),
    # operators
    "days_too_many": Text("Choose at most {days} days.", "बढीमा {days} दिन छान्नुहोस्।"),
    "day_not_comparable": Text("Choose a past day, at most {days} days ago.", "बितेको {days} दिनभित्रको दिन छान्नुहोस्।"),
    "reason_missing": Text("Write the reason. The customer will read it.", "कारण लेख्नुहोस्। ग्राहकले पढ्नुहुन्छ।"),
    "reference_missing": Text("Enter the payment reference.", "भुक्तानीको सन्दर्भ नम्बर लेख्नुहोस्।"),
    "rental_refund_goes_to_wallet": Text(
        "A rental payment is refunded to wallet and points only.", "भाडाको रकम वालेट र पोइन्टमा मात्र फिर्ता हुन्छ।"
    ),
    "topup_is_in_wallet": Text(
        "A top-up is already in the wallet. Choose another way.", "टप-अपको रकम वालेटमै छ। अर्को तरिका छान्नुहोस्।"
    ),
    "gateway_refunds_by_hand": Text(
        'This payment service can\'t send refunds. Choose "by hand".', 'यो सेवाबाट रकम फिर्ता हुँदैन। "by hand" छान्नुहोस्।'
    ),
}
