"""The registry of payment gateways: each row has a gateway's name, limits and abilities.

A new gateway is a row here, and a file of the same name in `gateways/` with a function `connect`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class GatewaySetting:
    """A setting of the environment: `api_url` of `khalti` is `BIJULI_KHALTI_API_URL`. It is needed without a default.

    A secret comes from the secrets parameter on AWS.
    """

    name: str
    secret: bool = False
    default: str | None = None
    allowed: tuple[str, ...] = ()
    """The values that the service can work with, in lower case. Empty: any value."""
    reason: str = ""
    """Why no other value is allowed."""


@dataclass(frozen=True)
class CallbackField:
    """A field that the gateway sends, as the API document describes it."""

    name: str
    description: str = ""
    required: bool = True
    is_object: bool = False
    """A JSON object. Every other field is text."""


@dataclass(frozen=True)
class CallbackSpec:
    """What a gateway sends to our webhook route. It only documents: the gateway's file reads the raw request."""

    model: str
    """The name of the fields' schema in the API document."""
    summary: str
    fields: tuple[CallbackField, ...]
    signed: bool = False
    """A wrong signature is answered with webhook_forged."""
    signature_header: str | None = None
    """The request header that holds the signature, where it is not a field."""
    absent_after_failure: str | None = None
    """A browser that returns without this field has paid nothing: there is nothing to look up."""


@dataclass(frozen=True)
class GatewaySpec:
    """The name, limits, settings and abilities of a payment gateway. Limits are per top-up, in paisa."""

    name: str
    title: str
    min_paisa: int
    max_paisa: int
    """Both limits are defaults: the settings `<name>_min_paisa` and `<name>_max_paisa` replace them."""
    settings: tuple[GatewaySetting, ...]
    callback: CallbackSpec
    """The gateway's own call."""
    browser_return: CallbackSpec
    """The customer's browser, which the gateway sends back."""
    switch: str | None = None
    """The setting that is left empty where the gateway is not offered. None: the gateway is always offered."""
    refunds_by_call: bool = False
    """The gateway has an API for refunds. Elsewhere an operator pays by hand."""
    link_minutes: int | None = None
    """How long the gateway's page takes a payment, where its link has a life that no request can set."""
    posts_form: bool = False
    """The customer pays by posting a signed form: our checkout page sends it."""

    def field(self, setting: GatewaySetting) -> str:
        """The setting's name among all settings: `khalti_api_url`."""
        return f"{self.name}_{setting.name}"


@dataclass(frozen=True)
class GatewayAccount:
    """Our account at a gateway: `settings` by their names, the address to which browsers return, and the clock."""

    settings: Mapping[str, str]
    return_url: str
    now: Callable[[], datetime]


def webhook_path(gateway: str) -> str:
    """The route that the gateway calls, and to which it sends browsers."""
    return f"/api/payment/webhook/{gateway}"


_PIDX = CallbackField("pidx", "Khalti's reference of the payment")
_STATUS = CallbackField("status", "Khalti's word for the state of the payment", required=False)
KHALTI = GatewaySpec(
    "khalti",
    "Khalti",
    min_paisa=1_000,
    max_paisa=10_000_000,
    link_minutes=60,
    settings=(
        GatewaySetting("api_url"),
        GatewaySetting("refund_url"),
        GatewaySetting("secret_key", secret=True),
        GatewaySetting("website_url"),
        GatewaySetting(
            "partial_refunds",
            default="by_hand",
            allowed=("by_hand", "by_call"),
            reason="by_call once a partial refund was tried and its unit was read in Khalti's panel",
        ),
    ),
    callback=CallbackSpec(
        "KhaltiCallback",
        "Khalti's callback about a payment. Its content is not trusted: the payment is looked up at Khalti.",
        (_PIDX, _STATUS),
    ),
    browser_return=CallbackSpec("KhaltiReturn", "Return of the customer's browser from Khalti.", (_PIDX, _STATUS)),
    refunds_by_call=True,
)
ESEWA = GatewaySpec(
    "esewa",
    "eSewa",
    min_paisa=1_000,
    max_paisa=5_000_000,
    settings=(
        GatewaySetting("form_url"),
        GatewaySetting("status_url"),
        GatewaySetting("product_code"),
        GatewaySetting("secret_key", secret=True),
    ),
    callback=CallbackSpec(
        "EsewaCallback",
        "eSewa's signed callback about a payment. The payment is looked up at eSewa.",
        (CallbackField("data", "Base64 of eSewa's signed JSON object"),),
        signed=True,
    ),
    browser_return=CallbackSpec(
        "EsewaReturn",
        "Return of the customer's browser from eSewa. After a failure eSewa sends no data.",
        (CallbackField("data", "Base64 of eSewa's signed JSON object. Absent after a failure", required=False),),
        signed=True,
        absent_after_failure="data",
    ),
    posts_form=True,
)
STRIPE = GatewaySpec(
    "stripe",
    "Stripe",
    min_paisa=20_000,
    max_paisa=5_000_000,
    settings=(
        GatewaySetting("api_url", default="https://api.stripe.com"),
        GatewaySetting("secret_key", secret=True, default=""),
        GatewaySetting("webhook_secret", secret=True, default=""),
        GatewaySetting(
            "currency", default="npr", allowed=("npr",), reason="amounts are paisa, and the service converts none"
        ),
    ),
    callback=CallbackSpec(
        "StripeEvent",
        "Stripe's signed event. The payment is looked up at Stripe. An event about no payment of ours is accepted.",
        (CallbackField("id"), CallbackField("type"), CallbackField("data", is_object=True)),
        signed=True,
        signature_header="Stripe-Signature",
    ),
    browser_return=CallbackSpec(
        "StripeReturn",
        "Return of the customer's browser from Stripe, after a payment or without one.",
        (
            CallbackField("order_ref", "Our reference of the order"),
            CallbackField("outcome", "`success` or `cancel`", required=False),
        ),
    ),
    switch="secret_key",
    refunds_by_call=True,
)
GATEWAYS: dict[str, GatewaySpec] = {spec.name: spec for spec in (KHALTI, ESEWA, STRIPE)}
"""In the order in which customers see them."""


def default_limits() -> Mapping[str, int]:
    """The settings of every gateway, by name: `khalti_min_paisa`, `khalti_max_paisa`, and `khalti_offered`."""
    return {
        name: value
        for spec in GATEWAYS.values()
        for name, value in (
            (f"{spec.name}_min_paisa", spec.min_paisa),
            (f"{spec.name}_max_paisa", spec.max_paisa),
            (f"{spec.name}_offered", 1),
        )
    }


def refunds_by_call(gateway: str | None) -> bool:
    """Whether the gateway has an API for refunds. False for a gateway that has no row."""
    return gateway in GATEWAYS and GATEWAYS[gateway].refunds_by_call


def intent_ttl(gateway: str, ttl_minutes: int) -> timedelta:
    """How long a top-up is open for payment: `ttl_minutes`, but no longer than the gateway's page takes it."""
    link_minutes = GATEWAYS[gateway].link_minutes
    return timedelta(minutes=ttl_minutes if link_minutes is None else min(ttl_minutes, link_minutes))


def posts_form(gateway: str) -> bool:
    """Whether the customer pays by posting a signed form. False for a gateway that has no row."""
    return gateway in GATEWAYS and GATEWAYS[gateway].posts_form
