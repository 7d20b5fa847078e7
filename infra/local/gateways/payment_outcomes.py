"""What a customer, or the staff of a payment gateway, can make of a payment there, and what follows, for people.

The pay pages offer these by the names that the control API takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Choice(NamedTuple):
    """Its label, and what will happen."""

    label: str
    meaning: str


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
    declined: str = ""
    """What the page says after a failed attempt, if the customer stays on it."""


PAY = {
    "success": Choice("Pay", "The whole amount is paid. The service asks the gateway, then credits the wallet once."),
    "wrong_amount": Choice("Pay one rupee less", "The top-up credits nothing and waits for an operator's review."),
}
PENDING = Choice("Leave it pending", "The payer's bank has not answered yet. Open this page again to pay or fail.")
EXPIRE = Choice(
    "Let it expire", "The time of this page ends now. The service finds out when it asks, and credits nothing."
)
CALLBACKS: Choices = {
    "once": Choice("at once", "The normal case."),
    "twice": Choice("twice", "The second message changes nothing."),
    "late": Choice("a minute late", "After a minute of the sandbox's clock, which the front page can turn."),
    "never": Choice(
        "never", "The message is lost. The schedule sweep_intents or a check by the app finds the payment."
    ),
    "forged": Choice(
        "by a forger", "Only a false message comes. The service believes what the gateway itself confirms."
    ),
}
LATE_SECONDS = 60
REFUND = Choice("Refund all that is left", "The gateway's staff gives it back. The next reconciliation reports it.")
HALF = Choice("Refund a half", "The gateway's staff gives back a half of the payment.")

KHALTI = PayPageTexts(
    title="Khalti",
    open_states=frozenset({"Initiated", "Pending"}),
    paid_states=frozenset({"Completed", "Partially Refunded"}),
    outcomes={
        **PAY,
        "success_by_bank": Choice("Pay from a bank account", "A refund later needs the payer's mobile number."),
        "pending": PENDING,
        "fail": Choice("Fail this attempt", "Nothing is paid. The payment stays open until it expires."),
        "failed": Choice("Fail for good", "Khalti ends the payment, and the top-up fails."),
        "cancel": Choice("Cancel", "Khalti ends the payment as cancelled, and the top-up fails."),
        "expire": EXPIRE,
    },
    desk={
        "refund": REFUND,
        "half": HALF,
        "dispute": Choice("The payer complains", "Khalti gives back all that is left."),
    },
)
ESEWA = PayPageTexts(
    title="eSewa",
    open_states=frozenset({"PENDING"}),
    paid_states=frozenset({"COMPLETE", "PARTIAL_REFUND"}),
    outcomes={
        **PAY,
        "pending": PENDING._replace(
            meaning="The payer's bank has not answered yet. This page stays, to pay or fail."
        ),
        "fail": Choice("Fail", "eSewa ends the payment as CANCELED, and the top-up fails."),
        "cancel": Choice("Cancel", "The same at eSewa, which names no payment when the browser comes back."),
        "expire": EXPIRE,
    },
    desk={
        "refund": REFUND,
        "half": HALF,
        "dispute": Choice("The payer complains", "eSewa reverses all that is left."),
    },
)
STRIPE = PayPageTexts(
    title="Stripe",
    open_states=frozenset({"open", "processing"}),
    paid_states=frozenset({"paid"}),
    outcomes={
        **PAY,
        "pending": Choice(
            "Pay by a slow method", "Stripe processes the payment. Open this page again to pay or fail."
        ),
        "fail": Choice("Have the card declined", "Nothing is paid. This page stays open for another card."),
        "cancel": Choice("Go back", "Nothing is paid and no event is sent. The session stays open until it expires."),
        "expire": EXPIRE,
    },
    desk={
        "refund": REFUND._replace(meaning="In Stripe's dashboard. Its events tell the service at once."),
        "half": HALF._replace(meaning="In Stripe's dashboard. Its events tell the service at once."),
        "dispute": Choice("The payer's bank disputes it", "The bank takes the amount back, and an operator decides."),
        "won": Choice("The dispute is won", "The bank returns the amount of the open dispute."),
        "lost": Choice("The dispute is lost", "The amount of the open dispute stays with the payer."),
    },
    declined="Your card was declined.",
)
PAY_PAGE_TEXTS: Mapping[str, PayPageTexts] = {"khalti": KHALTI, "esewa": ESEWA, "stripe": STRIPE}
"""The texts of each gateway that the control API knows."""
