"""The addresses at which the sandbox listens, and which addresses of an app it lets in and sends browsers back to."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
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


class WithLocalUrls(tuple[str, ...]):
    """Addresses of an app, and any address on this machine, whatever its port."""

    def __contains__(self, url: object) -> bool:
        return super().__contains__(url) or (isinstance(url, str) and LOCAL.fullmatch(url) is not None)


def host_and_port(public_url: str) -> tuple[str, int | None]:
    """The host and the port of `http://HOST:PORT`. Raises ValueError for anything else."""
    parts = urlsplit(public_url)
    if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.username:
        raise ValueError(f"{public_url} is not of the form http://192.168.1.20:8000")
    return parts.hostname, parts.port
