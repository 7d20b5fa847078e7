"""The environment of the service in the sandbox: no AWS settings of the machine, and keys of its own."""

import json
import secrets
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path

from chalicelib.world import World
from infra.local import return_page
from infra.local.addresses import LOOPBACK, Addresses, WithLocalUrls

PROBLEMS = "/problems"
KEYS_FILE = "keys.json"
OURS = ("AWS_", "BIJULI_")
APP_ORIGIN = "http://localhost:3000"


def scrub(environ: MutableMapping[str, str], host: str) -> None:
    """Remove the machine's own AWS settings, and proxies for `host`."""
    direct = f"{LOOPBACK},localhost,{host}"
    for name in [name for name in environ if name.startswith(OURS)]:
        del environ[name]
    environ.update(
        AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", NO_PROXY=direct, no_proxy=direct
    )


def our_settings(addresses: Addresses, data_dir: Path | None) -> dict[str, str]:
    """The service's own settings. Its keys are stored with the data."""
    page = f"{addresses.sandbox_url}{return_page.PATH}"
    return_urls = (*addresses.return_urls, page, f"{APP_ORIGIN}/", "bijuli://")
    return {
        "BIJULI_API_URL": addresses.api_url,
        "BIJULI_APP_RETURN_URLS": ",".join(return_urls),
        "BIJULI_PROBLEMS_URL": f"{addresses.sandbox_url}{PROBLEMS}",
        "BIJULI_CORS_ORIGINS": ",".join((*addresses.app_origins, APP_ORIGIN)),
        **_keys(data_dir / KEYS_FILE if data_dir else None),
    }


def with_local_urls(world: World) -> World:
    """The world in which an app may run at any port of this machine."""
    urls = world.urls
    local = replace(
        urls, app_return_urls=WithLocalUrls(urls.app_return_urls), cors_origins=WithLocalUrls(urls.cors_origins)
    )
    return replace(world, urls=local)


def _keys(path: Path | None) -> dict[str, str]:
    if path is not None and path.exists():
        content: dict[str, str] = json.loads(path.read_text())
        return content
    made = {
        "BIJULI_TOKEN_KEYS": f"sandbox:{secrets.token_hex(32)}",
        "BIJULI_PEPPER": secrets.token_hex(32),
    }
    if path is not None:
        path.write_text(json.dumps(made))
        path.chmod(0o600)
    return made
