"""The page to which a browser comes back after paying, in a sandbox whose app has none of its own."""

from html import escape
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.texts import ENGLISH, Text, digits_text
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.rows import entity
from infra.local.addresses import RETURN_PATH
from infra.local.page.html_pages import html_page
from infra.local.page.languages import language_switch, page_language

TITLE, TOPUP, AMOUNT = Text("Back to the app", "एपमा फर्कनुहोस्"), Text("Top-up", "टप-अप"), Text("Amount", "रकम")
STATUS, UNKNOWN = Text("Status", "अवस्था"), Text("unknown", "थाहा छैन")
STATES = {
    IntentState.PENDING: Text("pending", "विचाराधीन"),
    IntentState.SUCCESS: Text("success", "सफल"),
    IntentState.FAILED: Text("failed", "असफल"),
    IntentState.CANCELLED: Text("cancelled", "रद्द"),
    IntentState.NEEDS_REVIEW: Text("in review", "जाँचमा"),
}
NOTE = Text(
    "An app asks for the status now: the gateway's word alone credits nothing. After a failure eSewa does not say "
    "which payment it was, and the status is unknown here.",
    "अब एपले अवस्था सोध्छ: गेटवेको भनाइले मात्र केही थपिँदैन। असफल भएपछि eSewa ले कुन भुक्तानी हो भन्दैन, त्यसैले यहाँ अवस्था थाहा हुँदैन।",
)
AGAIN, CITY = Text("Look again", "फेरि हेर्नुहोस्"), Text("The city", "सहर")


def return_blueprint() -> Blueprint:
    """The route /paid?intent_id=..., the sandbox's default return URL."""
    blueprint = Blueprint("return_page", __name__)

    @blueprint.get(RETURN_PATH)
    def paid() -> Response:
        """The top-up and its status as the service has it at this moment."""
        rows = IntentRow.scan(consistent_read=True)
        intent_id = request.args.get("intent_id", "")
        found = next((entity(row, Intent) for row in rows if row.intent_id == intent_id), None)
        return _page(found, page_language())

    return blueprint


def _page(intent: Intent | None, language: str) -> Response:
    address, lines = RETURN_PATH, _line(STATUS, f'<strong id="status">{UNKNOWN.render(language)}</strong>', language)
    if intent is not None:
        address = f"{RETURN_PATH}?{urlencode({'intent_id': intent.intent_id})}"
        money = "NPR {amount} by {gateway}" if language == ENGLISH else "रु {amount}, {gateway}"
        amount = digits_text(money_text(intent.amount_paisa), language)
        state = STATES[intent.state].render(language)
        lines = (
            _line(TOPUP, escape(intent.intent_id), language)
            + _line(AMOUNT, money.format(amount=amount, gateway=escape(intent.gateway)), language)
            + _line(STATUS, f'<strong id="status" data-state="{intent.state.value}">{state}</strong>', language)
        )
    again = f'<a class="press" href="{escape(address)}">{AGAIN.render(language)}</a> ' if intent else ""
    title = TITLE.render(language)
    body = (
        f'<header><h1>{title}</h1>{language_switch(address)}</header><main class="plain">'
        f'<section class="panel" aria-label="{TOPUP.render(language)}"><dl class="order">{lines}</dl>'
        f"<p>{NOTE.render(language)}</p>"
        f'<p class="row">{again}<a class="press" href="/">{CITY.render(language)}</a></p>'
        "</section></main>"
    )
    return html_page(title, body, language=language)


def _line(name: Text, value: str, language: str) -> str:
    return f"<dt>{name.render(language)}</dt><dd>{value}</dd>"
