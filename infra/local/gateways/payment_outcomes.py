"""What a customer, or the staff of a payment gateway, can make of a payment there, and what follows, for people.

The pay pages offer these by the names that the control API takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.domain.text.texts import Text


class Choice(NamedTuple):
    """Its label, and what will happen."""

    label: Text
    meaning: Text


Choices = Mapping[str, Choice]
"""Choices by the name that the control API knows."""


@dataclass(frozen=True)
class PayPageTexts:
    """The texts and the choices of one gateway's pay pages. States are in the gateway's own words.

    A customer can pay in one of `open_states`; the `desk` can act in one of `paid_states`.
    """

    title: str
    open_states: frozenset[str]
    paid_states: frozenset[str]
    outcomes: Choices
    desk: Choices
    declined: Text | None = None
    """What the page says after a failed attempt, if the customer stays on it."""


PAY = {
    "success": Choice(
        Text("Pay", "तिर्नुहोस्"),
        Text(
            "The whole amount is paid. The service asks the gateway, then credits the wallet once.",
            "पूरै रकम तिरिन्छ। सेवाले गेटवेलाई सोधेर वालेटमा एक पटक रकम थप्छ।",
        ),
    ),
    "wrong_amount": Choice(
        Text("Pay one rupee less", "एक रुपैयाँ कम तिर्नुहोस्"),
        Text(
            "The top-up credits nothing and waits for an operator's review.",
            "वालेटमा केही थपिँदैन। टप-अप अपरेटरको जाँच पर्खन्छ।",
        ),
    ),
}
PENDING = Choice(
    Text("Leave it pending", "विचाराधीन राख्नुहोस्"),
    Text(
        "The payer's bank has not answered yet. Open this page again to pay or fail.",
        "बैंकले अझै जवाफ दिएको छैन। तिर्न वा असफल पार्न यो पृष्ठ फेरि खोल्नुहोस्।",
    ),
)
EXPIRE = Choice(
    Text("Let it expire", "समय सकिन दिनुहोस्"),
    Text(
        "The time of this page ends now. The service finds out when it asks, and credits nothing.",
        "यो पृष्ठको समय अहिले सकिन्छ। सेवाले सोध्दा थाहा पाउँछ, र केही थपिँदैन।",
    ),
)
CALLBACKS: Choices = {
    "once": Choice(Text("at once", "तुरुन्तै"), Text("The normal case.", "सामान्य अवस्था।")),
    "twice": Choice(Text("twice", "दुई पटक"), Text("The second message changes nothing.", "दोस्रो खबरले केही बदल्दैन।")),
    "late": Choice(
        Text("a minute late", "एक मिनेट ढिलो"),
        Text(
            "After a minute of the sandbox's clock, which the front page can turn.",
            "स्यान्डबक्सको घडीमा एक मिनेटपछि। घडी मुख्य पृष्ठबाट अगाडि सार्न मिल्छ।",
        ),
    ),
    "never": Choice(
        Text("never", "कहिल्यै होइन"),
        Text(
            "The message is lost. The schedule sweep_intents or a check by the app finds the payment.",
            "खबर हराउँछ। sweep_intents तालिका वा एपको जाँचले भुक्तानी भेट्टाउँछ।",
        ),
    ),
    "forged": Choice(
        Text("by a forger", "नक्कली खबर"),
        Text(
            "Only a false message comes. The service believes what the gateway itself confirms.",
            "झूटो खबर मात्र आउँछ। सेवाले गेटवे आफैँले पुष्टि गरेको कुरा मात्र मान्छ।",
        ),
    ),
}
LATE_SECONDS = 60
REFUND = Choice(
    Text("Refund all that is left", "बाँकी सबै फिर्ता गर्नुहोस्"),
    Text(
        "The gateway's staff gives it back. The next reconciliation reports it.",
        "गेटवेका कर्मचारीले फिर्ता गर्छन्। अर्को हिसाब मिलानले देखाउँछ।",
    ),
)
HALF = Choice(
    Text("Refund a half", "आधा फिर्ता गर्नुहोस्"),
    Text("The gateway's staff gives back a half of the payment.", "गेटवेका कर्मचारीले भुक्तानीको आधा फिर्ता गर्छन्।"),
)
COMPLAINT = Text("The payer complains", "तिर्नेले उजुरी गर्छ")
TOLD_BY_EVENTS = Text(
    "In Stripe's dashboard. Its events tell the service at once.",
    "Stripe को ड्यासबोर्डमा। Stripe ले सेवालाई तुरुन्तै खबर गर्छ।",
)

KHALTI = PayPageTexts(
    title="Khalti",
    open_states=frozenset({"Initiated", "Pending"}),
    paid_states=frozenset({"Completed", "Partially Refunded"}),
    outcomes={
        **PAY,
        "success_by_bank": Choice(
            Text("Pay from a bank account", "बैंक खाताबाट तिर्नुहोस्"),
            Text(
                "A refund later needs the payer's mobile number.",
                "पछि रकम फिर्ता गर्न तिर्नेको मोबाइल नम्बर चाहिन्छ।",
            ),
        ),
        "pending": PENDING,
        "fail": Choice(
            Text("Fail this attempt", "यो प्रयास असफल पार्नुहोस्"),
            Text(
                "Nothing is paid. The payment stays open until it expires.",
                "केही तिरिँदैन। समय नसकिएसम्म भुक्तानी खुला रहन्छ।",
            ),
        ),
        "failed": Choice(
            Text("Fail for good", "पूर्ण रूपमा असफल पार्नुहोस्"),
            Text("Khalti ends the payment, and the top-up fails.", "Khalti ले भुक्तानी टुङ्ग्याउँछ, र टप-अप असफल हुन्छ।"),
        ),
        "cancel": Choice(
            Text("Cancel", "रद्द गर्नुहोस्"),
            Text(
                "Khalti ends the payment as cancelled, and the top-up fails.",
                "Khalti ले भुक्तानी रद्द गर्छ, र टप-अप असफल हुन्छ।",
            ),
        ),
        "expire": EXPIRE,
    },
    desk={
        "refund": REFUND,
        "half": HALF,
        "dispute": Choice(COMPLAINT, Text("Khalti gives back all that is left.", "Khalti ले बाँकी सबै फिर्ता गर्छ।")),
    },
)
ESEWA = PayPageTexts(
    title="eSewa",
    open_states=frozenset({"PENDING"}),
    paid_states=frozenset({"COMPLETE", "PARTIAL_REFUND"}),
    outcomes={
        **PAY,
        "pending": PENDING._replace(
            meaning=Text(
                "The payer's bank has not answered yet. This page stays, to pay or fail.",
                "बैंकले अझै जवाफ दिएको छैन। तिर्न वा असफल पार्न यही पृष्ठ रहन्छ।",
            )
        ),
        "fail": Choice(
            Text("Fail", "असफल पार्नुहोस्"),
            Text(
                "eSewa ends the payment as CANCELED, and the top-up fails.",
                "eSewa ले भुक्तानी CANCELED भनेर टुङ्ग्याउँछ, र टप-अप असफल हुन्छ।",
            ),
        ),
        "cancel": Choice(
            Text("Cancel", "रद्द गर्नुहोस्"),
            Text(
                "The same at eSewa, which names no payment when the browser comes back.",
                "eSewa मा उस्तै हो। ब्राउजर फर्कंदा eSewa ले कुन भुक्तानी हो भन्दैन।",
            ),
        ),
        "expire": EXPIRE,
    },
    desk={
        "refund": REFUND,
        "half": HALF,
        "dispute": Choice(COMPLAINT, Text("eSewa reverses all that is left.", "eSewa ले बाँकी सबै फिर्ता गर्छ।")),
    },
)
STRIPE = PayPageTexts(
    title="Stripe",
    open_states=frozenset({"open", "processing"}),
    paid_states=frozenset({"paid"}),
    outcomes={
        **PAY,
        "pending": Choice(
            Text("Pay by a slow method", "ढिलो तरिकाले तिर्नुहोस्"),
            Text(
                "Stripe processes the payment. Open this page again to pay or fail.",
                "Stripe ले भुक्तानी अगाडि बढाउँदै छ। तिर्न वा असफल पार्न यो पृष्ठ फेरि खोल्नुहोस्।",
            ),
        ),
        "fail": Choice(
            Text("Have the card declined", "कार्ड अस्वीकार गराउनुहोस्"),
            Text(
                "Nothing is paid. This page stays open for another card.",
                "केही तिरिँदैन। अर्को कार्डका लागि यो पृष्ठ खुला रहन्छ।",
            ),
        ),
        "cancel": Choice(
            Text("Go back", "फर्कनुहोस्"),
            Text(
                "Nothing is paid and no event is sent. The session stays open until it expires.",
                "केही तिरिँदैन, र खबर पनि पठाइँदैन। समय नसकिएसम्म पृष्ठ खुला रहन्छ।",
            ),
        ),
        "expire": EXPIRE,
    },
    desk={
        "refund": REFUND._replace(meaning=TOLD_BY_EVENTS),
        "half": HALF._replace(meaning=TOLD_BY_EVENTS),
        "dispute": Choice(
            Text("The payer's bank disputes it", "तिर्नेको बैंकले विवाद गर्छ"),
            Text(
                "The bank takes the amount back, and an operator decides.",
                "बैंकले रकम फिर्ता लिन्छ, र अपरेटरले निर्णय गर्छ।",
            ),
        ),
        "won": Choice(
            Text("The dispute is won", "विवाद जितियो"),
            Text("The bank returns the amount of the open dispute.", "बैंकले खुला विवादको रकम फर्काउँछ।"),
        ),
        "lost": Choice(
            Text("The dispute is lost", "विवाद हारियो"),
            Text("The amount of the open dispute stays with the payer.", "खुला विवादको रकम तिर्नेसँगै रहन्छ।"),
        ),
    },
    declined=Text("Your card was declined.", "तपाईंको कार्ड अस्वीकार भयो।"),
)
PAY_PAGE_TEXTS: Mapping[str, PayPageTexts] = {"khalti": KHALTI, "esewa": ESEWA, "stripe": STRIPE}
"""The texts of each gateway that the control API knows."""
