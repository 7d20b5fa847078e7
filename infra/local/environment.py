"""The environment of the service in the sandbox: no AWS settings of the machine, and keys of its own."""

import json
import secrets
from collections.abc import MutableMapping
from pathlib import Path

KEYS_FILE = "keys.json"
OURS = ("AWS_", "BIJULI_")
LOOPBACK = "127.0.0.1,localhost"
APP_ORIGIN = "http://localhost:3000"


def scrub(environ: MutableMapping[str, str]) -> None:
    """Remove the machine's own AWS settings and proxies."""
    for name in [name for name in environ if name.startswith(OURS)]:
        del environ[name]
    environ.update(
        AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", NO_PROXY=LOOPBACK, no_proxy=LOOPBACK
    )


def our_settings(api_url: str, data_dir: Path | None) -> dict[str, str]:
    """The service's own settings. Its keys are stored with the data."""
    return {
        "BIJULI_API_URL": api_url,
        "BIJULI_APP_RETURN_URLS": f"{APP_ORIGIN}/,bijuli://",
        "BIJULI_CORS_ORIGINS": APP_ORIGIN,
        **_keys(data_dir / KEYS_FILE if data_dir else None),
    }


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
