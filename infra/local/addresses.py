"""The addresses at which the sandbox listens, and which addresses of an app it lets in and sends browsers back to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
APP_ORIGIN = "http://localhost:3000"
RETURN_PATH = "/paid"
"""The sandbox's own page to come back to after paying."""
RETURN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s,]*", re.ASCII | re.IGNORECASE)
LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?(/.*)?", re.ASCII)


@dataclass(frozen=True)
class Addresses:
    """Both ports are bound at `host`, which is in every address that the sandbox gives out."""

    api_port: int = 8000
    sandbox_port: int = 8001
    host: str = LOOPBACK
    app_origins: tuple[str, ...] = ()
    return_urls: tuple[str, ...] = ()

    @property
    def api_url(self) -> str:
        return f"http://{self.host}:{self.api_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{self.host}:{self.sandbox_port}"

    @property
    def allowed_origins(self) -> "WithLocalUrls":
        """The origins whose pages may call the API."""
        return WithLocalUrls((*self.app_origins, APP_ORIGIN), "--app-origin")

    @property
    def allowed_return_urls(self) -> "WithLocalUrls":
        """Where a browser may go back to after paying. The first one is the default."""
        own = f"{self.sandbox_url}{RETURN_PATH}"
        return WithLocalUrls((*self.return_urls, own, f"{APP_ORIGIN}/", "bijuli://"), "--return-url")


class WithLocalUrls(tuple[str, ...]):
    """Addresses of an app. Any address on this machine is one of them too, whatever its port."""

    option: str

    def __new__(cls, urls: Iterable[str], option: str) -> "WithLocalUrls":
        addresses = super().__new__(cls, urls)
        addresses.option = option
        return addresses

    def __contains__(self, url: object) -> bool:
        return super().__contains__(url) or (isinstance(url, str) and LOCAL.fullmatch(url) is not None)

    def in_words(self) -> str:
        """All that is allowed, and the option that allows others."""
        return f"{', '.join(self)}, any port of http://localhost and http://{LOOPBACK}; {self.option} allows others"


def is_own_origin(origin: str, host: str) -> bool:
    """Whether a page of that origin asks the address, of that Host header, from which it was loaded."""
    return bool(host) and origin.lower() == f"http://{host.lower()}"


def origin_of(text: str) -> str:
    """An origin as browsers send it. Raises ValueError for anything else, such as an address with a path."""
    parts = urlsplit(text)
    if not parts.scheme or not parts.netloc or parts.path not in ("", "/") or parts.query or "," in text:
        raise ValueError(f"{text} is not of the form https://app.example")
    return f"{parts.scheme}://{parts.netloc}".lower()


def return_url_of(text: str) -> str:
    """An address of an app, on the web or by a scheme of its own. Raises ValueError for anything else."""
    if not RETURN_URL.fullmatch(text):
        raise ValueError(f"{text} is not of the form https://app.example/paid or myapp://paid")
    return text


def host_and_port(public_url: str) -> tuple[str, int | None]:
    """The host and the port of `http://HOST:PORT`. Raises ValueError for anything else."""
    parts = urlsplit(public_url)
    if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.username:
        raise ValueError(f"{public_url} is not of the form http://192.168.1.20:8000")
    if parts.port == 0:
        raise ValueError(f"{public_url} is not of the form http://192.168.1.20:8000: its port is 0")
    if ":" in parts.hostname:
        raise ValueError(f"{public_url} is an IPv6 address, and the sandbox listens at an IPv4 address or a name")
    return parts.hostname, parts.port
