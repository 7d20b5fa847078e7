"""The page to which a browser comes back after paying, in a sandbox whose app has none of its own."""

from html import escape

from flask import Blueprint, Response, request

from chalicelib.tables.intents import IntentRow

PATH = "/paid"
UNKNOWN = "unknown"


def return_blueprint() -> Blueprint:
    """The route /paid?intent_id=..., the sandbox's default return URL."""
    blueprint = Blueprint("return_page", __name__)

    @blueprint.get(PATH)
    def paid() -> Response:
        """The top-up and its status as the service has it at this moment."""
        intent_id = request.args.get("intent_id", "")
        return Response(_page(intent_id, _status_of(intent_id)), mimetype="text/html")

    return blueprint


def _status_of(intent_id: str) -> str:
    rows = IntentRow.scan(consistent_read=True)
    return next((row.state.value for row in rows if row.intent_id == intent_id), UNKNOWN)


def _page(intent_id: str, status: str) -> str:
    known = escape(intent_id) if status != UNKNOWN else "no top-up of this sandbox"
    again = f"{PATH}?intent_id={escape(intent_id)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Back to the app</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/static/front_page.css"></head><body><main><h1>Back to the app</h1>'
        f'<p>Top-up {known}: <strong id="status">{escape(status)}</strong></p>'
        "<p>An app asks for the status now: the gateway's word alone credits nothing.</p>"
        f'<p><a href="{again}">Look again</a> <a href="/">The city</a></p></main></body></html>'
    )
