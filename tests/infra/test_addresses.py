"""The addresses of the sandbox and of apps."""

import pytest

from infra.local.addresses import Addresses, WithLocalUrls, host_and_port, origin_of, return_url_of


def test_every_address_has_the_public_host() -> None:
    addresses = Addresses(9000, 9001, "192.168.1.20")
    assert addresses.api_url == "http://192.168.1.20:9000"
    assert addresses.sandbox_url == "http://192.168.1.20:9001"


def test_an_app_may_run_at_any_port_of_this_machine_and_at_named_addresses() -> None:
    urls = WithLocalUrls(("https://app.example",), "--app-origin")
    for url in ("https://app.example", "http://localhost:5173", "http://127.0.0.1:9/back", "http://localhost"):
        assert url in urls
    for url in (
        "https://other.example",
        "http://localhost.example",
        "http://localhost:80.example/",
        "http://[::1]:9",
        "",
    ):
        assert url not in urls


def test_a_listing_of_addresses_holds_addresses_and_says_the_rest_in_words() -> None:
    urls = WithLocalUrls(("https://app.example",), "--app-origin")
    assert [*urls] == ["https://app.example"]
    assert urls.in_words() == (
        "https://app.example, any port of http://localhost and http://127.0.0.1; --app-origin allows others"
    )


def test_a_public_url_is_a_host_and_a_port() -> None:
    assert host_and_port("http://192.168.1.20:8000") == ("192.168.1.20", 8000)
    assert host_and_port("http://kiosk.local") == ("kiosk.local", None)


@pytest.mark.parametrize(
    "url", ["https://192.168.1.20", "192.168.1.20:8000", "http://", "http://h/path", "http://a@h"]
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        host_and_port(url)


def test_an_app_origin_is_as_browsers_send_it() -> None:
    assert origin_of("https://App.example/") == "https://app.example"
    assert origin_of("capacitor://localhost") == "capacitor://localhost"
    assert return_url_of("myapp://paid") == "myapp://paid"


@pytest.mark.parametrize("text", ["app.example", "https://", "https://app.example/login", "https://a,https://b", "*"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        origin_of(text)


@pytest.mark.parametrize("text", ["/paid", "app.example/paid", "https://a.example,https://b.example", ""])
def test_what_is_no_return_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        return_url_of(text)
