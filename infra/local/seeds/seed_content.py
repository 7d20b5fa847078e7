"""The packages, app releases, banners and the coupon of a fresh sandbox."""

from datetime import UTC, datetime

from chalicelib.domain.content.app_release import Release
from chalicelib.domain.content.banner import Banner
from chalicelib.domain.money.pricing import Package, PaymentModel
from chalicelib.domain.rewards.coupon import Coupon

PACKAGES = (
    Package(
        "1-hour",
        "1 Hour",
        60,
        2_000,
        description="For a quick charge",
        display_order=1,
        name_ne="१ घण्टा",
        description_ne="छिटो चार्ज गर्न",
    ),
    Package(
        "4-hours",
        "4 Hours",
        240,
        6_000,
        description="For half a day out",
        display_order=2,
        name_ne="४ घण्टा",
        description_ne="आधा दिन बाहिर हुँदा",
    ),
    Package(
        "1-day",
        "Day",
        1440,
        15_000,
        description="Until this time tomorrow",
        display_order=3,
        name_ne="१ दिन",
        description_ne="भोलि यही समयसम्म",
    ),
    Package(
        "pay-as-you-go",
        "Pay as you go",
        60,
        2_000,
        PaymentModel.POSTPAID,
        description="Return it first, then pay for the hours you used. A started hour counts as a full one.",
        display_order=4,
        name_ne="चलाएजति तिर्ने",
        description_ne=("पहिले फिर्ता गर्नुहोस्, अनि चलाएको घण्टाको तिर्नुहोस्। सुरु भएको घण्टा पूरै गनिन्छ।"),
    ),
)
COUPON = Coupon(
    "WELCOME20",
    "Welcome to Bijuli",
    20,
    1,
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=datetime(2035, 12, 31, tzinfo=UTC),
    max_total_uses=10_000,
)
RELEASES = (
    Release(
        "android",
        "1.4.0",
        "1.2.0",
        "https://play.google.com/store/apps/details?id=com.example.bijuli",
        "The map is faster, and you can share receipts.",
        "नक्सा छिटो खुल्छ। रसिद अरूलाई पठाउन मिल्छ।",
    ),
    Release(
        "ios",
        "1.4.1",
        "1.2.0",
        "https://apps.apple.com/app/id0000000000",
        "The map is faster, and you can share receipts.",
        "नक्सा छिटो खुल्छ। रसिद अरूलाई पठाउन मिल्छ।",
    ),
)
BANNERS = (
    Banner(
        "welcome",
        "Welcome to Bijuli",
        "https://example.com/banners/welcome.png",
        "Create an account and get 50 points.",
        display_order=1,
        title_ne="Bijuli मा स्वागत छ",
        description_ne="खाता खोल्नुहोस्, ५० पोइन्ट पाउनुहोस्।",
    ),
    Banner(
        "long-day",
        "A long day out?",
        "https://example.com/banners/day.png",
        "Take a power bank for the whole day.",
        redirect_url="bijuli://packages/1-day",
        display_order=2,
        title_ne="दिनभर बाहिर हुनुहुन्छ?",
        description_ne="दिनभरका लागि पावर बैंक लिनुहोस्।",
    ),
)
