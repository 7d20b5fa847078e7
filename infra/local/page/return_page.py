"""The page to which a browser comes back after paying, in a sandbox whose app has none of its own."""

from html import escape

from flask import Blueprint, Response, request

from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.rows import entity
from infra.local.page.html_pages import html_page

PATH = "/paid"
UNKNOWN = "unknown"


def return_blueprint() -> Blueprint:
    """The route /paid?intent_id=..., the sandbox's default return URL."""
    blueprint = Blueprint("return_page", __name__)

    @blueprint.get(PATH)
    def paid() -> Response:
        """The top-up and its status as the service has it at this moment."""
        rows = IntentRow.scan(consistent_read=True)
        intent_id = request.args.get("intent_id", "")
        return _page(next((entity(row, Intent) for row in rows if row.intent_id == intent_id), None))

    return blueprint


def _page(intent: Intent | None) -> Response:
    rows, again = [("Status", f'<strong id="status">{UNKNOWN}</strong>')], ""
    if intent is not None:
        rows = [
            ("Top-up", escape(intent.intent_id)),
            ("Amount", f"NPR {intent.amount_paisa / 100:.2f} by {escape(intent.gateway)}"),
            ("Status", f'<strong id="status">{escape(intent.state.value)}</strong>'),
        ]
        again = f'<a class="press" href="{PATH}?intent_id={escape(intent.intent_id)}">Look again</a> '
    lines = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return html_page(
        "Back to the app",
        '<header><h1>Back to the app</h1></header><main class="plain"><section class="panel" aria-label="Top-up">'
        f'<dl class="order">{lines}</dl>'
        "<p>An app asks for the status now: the gateway's word alone credits nothing. After a failure eSewa does not "
        "say which payment it was, and the status is unknown here.</p>"
        f'<p class="row">{again}<a class="press" href="/">The city</a></p></section></main>',
    )
