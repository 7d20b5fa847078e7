"""HTML of operators is cleaned: known tags, safe links, nothing that runs."""

import pytest

from chalicelib.gateways.nh3 import Nh3Html

RICH = "<h2>Late fee</h2><p>Two <strong>times</strong> the <em>price</em>.<br></p><ul><li>one</li></ul><h3>Due</h3>"


def clean(html: str) -> str:
    return Nh3Html().clean(html)


def test_text_with_headings_lists_and_emphasis_stays() -> None:
    assert clean(RICH) == RICH
    assert clean(clean("<p>क & ख</p>")) == "<p>क &amp; ख</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<!-- hidden -->",
        "<svg><p><style><img src=x onerror=alert(1)>",
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        '<iframe src="https://evil.example"></iframe>',
        '<img src="https://evil.example/pixel.png">',
        '<form action="https://evil.example"><input name="otp"></form>',
        "\x01\x08\x0b\x1f",
    ],
)
def test_what_runs_loads_or_hides_is_removed(html: str) -> None:
    assert clean(f"<p>a</p>{html}").replace("<p></p>", "") == "<p>a</p>"


def test_attributes_go_except_the_address_of_a_link() -> None:
    assert clean('<p onclick="x()" style="x" class="y" id="z">a</p>') == "<p>a</p>"
    assert clean("<h1>a</h1>") == "a"


@pytest.mark.parametrize("address", ["https://bijuli.example/a", "mailto:help@bijuli.example", "tel:+97714000000"])
def test_a_safe_link_stays(address: str) -> None:
    assert clean(f'<a href="{address}" target="_top">a</a>') == f'<a href="{address}" rel="noopener noreferrer">a</a>'


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example",
        "javascript:alert(1)",
        " jAva\nscript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "/a",
        "a",
    ],
)
def test_any_other_link_loses_its_address(address: str) -> None:
    assert clean(f'<a href="{address}">a</a>') == '<a rel="noopener noreferrer">a</a>'
