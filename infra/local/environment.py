"""The environment of the service in the sandbox: no AWS settings of the machine, and keys of its own."""

import secrets
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace

from chalicelib.world import World
from infra.local.addresses import LOOPBACK, Addresses
from infra.local.aws import cloud
from infra.local.snapshots.activity_gate import ActivityGate
from infra.local.snapshots.gated_inbox import GatedInbox

PROBLEMS = "/problems"
KMS_KEY = "kms"
"""The name of the KMS key among the keys of a sandbox."""
OURS = ("AWS_", "BIJULI_")


def scrub(environ: MutableMapping[str, str], host: str) -> None:
    """Remove the machine's own AWS settings, and proxies for `host`."""
    direct = f"{LOOPBACK},localhost,{host}"
    for name in [name for name in environ if name.startswith(OURS)]:
        del environ[name]
    environ.update(
        AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", NO_PROXY=direct, no_proxy=direct
    )


def our_settings(addresses: Addresses, keys: Mapping[str, str]) -> dict[str, str]:
    """The service's own settings, with its keys."""
    return {
        "BIJULI_API_URL": addresses.api_url,
        "BIJULI_APP_RETURN_URLS": ",".join(addresses.allowed_return_urls),
        "BIJULI_PROBLEMS_URL": f"{addresses.sandbox_url}{PROBLEMS}",
        "BIJULI_CORS_ORIGINS": ",".join(addresses.allowed_origins),
        **{name: value for name, value in keys.items() if name != KMS_KEY},
    }


def in_sandbox(world: World, activity: ActivityGate, addresses: Addresses, make_visible: Callable[[], None]) -> World:
    """The world in which an app may run at any port of this machine. Its inbox pauses for snapshots.

    `make_visible` makes all received messages of the inbox visible at once.
    """
    urls = replace(world.urls, app_return_urls=addresses.allowed_return_urls, cors_origins=addresses.allowed_origins)
    return replace(world, urls=urls, inbox=GatedInbox(world.inbox, activity, make_visible))


def new_keys() -> dict[str, str]:
    """The keys of a new sandbox. They are stored with its data."""
    return {
        "BIJULI_TOKEN_KEYS": f"sandbox:{secrets.token_hex(32)}",
        "BIJULI_PEPPER": secrets.token_hex(32),
        KMS_KEY: cloud.new_key(),
    }
