"""Pages of the sandbox that Python makes: one head, the stylesheets of the front page, and no scripts."""

from html import escape

from flask import Response

from chalicelib.domain.text.texts import ENGLISH
from infra.local.page.languages import keep_language

# Without form-action: browsers apply it also to where a form's answer redirects, and that is an address of any app.
POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
    '<link rel="stylesheet" href="/static/front_page.css"><link rel="stylesheet" href="/static/plain_page.css">'
)


def html_page(title: str, body: str, status: int = 200, language: str = ENGLISH) -> Response:
    """The page with this title, which is text, and this `body`, which is HTML."""
    text = (
        f'<!doctype html><html lang="{language}"><head>{HEAD}<title>{escape(title)}</title></head>'
        f"<body>{body}</body></html>"
    )
    response = Response(text, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    keep_language(response)
    return response
