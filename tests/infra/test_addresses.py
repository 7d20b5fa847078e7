"""The addresses of the sandbox and of apps."""

import pytest

from infra.local.addresses import Addresses, WithLocalUrls, host_and_port


def test_every_address_has_the_public_host() -> None:
    addresses = Addresses(9000, 9001, "192.168.1.20")
    assert addresses.api_url == "http://192.168.1.20:9000"
    assert addresses.sandbox_url == "http://192.168.1.20:9001"


def test_an_app_may_run_at_any_port_of_this_machine_and_at_named_addresses() -> None:
    urls = WithLocalUrls(("https://app.example",))
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


def test_a_public_url_is_a_host_and_a_port() -> None:
    assert host_and_port("http://192.168.1.20:8000") == ("192.168.1.20", 8000)
    assert host_and_port("http://kiosk.local") == ("kiosk.local", None)


@pytest.mark.parametrize(
    "url", ["https://192.168.1.20", "192.168.1.20:8000", "http://", "http://h/path", "http://a@h"]
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        host_and_port(url)
