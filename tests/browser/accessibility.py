"""What axe-core finds wrong with a page: https://github.com/dequelabs/axe-core (MPL-2.0), kept in `vendor` beside."""

import hashlib
from pathlib import Path
from typing import Any

from infra.local.page.chromium import Browser

VENDOR = Path(__file__).parent / "vendor"
VENDOR_SHA256 = {
    "LICENSE-3RD-PARTY.axe-core": "4f8563870d0fca38bbc3e00b6f670cb7fa9f380ba9f26a7f7d1184a6b18b1653",
    "LICENSE.axe-core": "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e",
    "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}
"""axe-core 4.14.1, as its authors built it, with its licences."""
SERIOUS = ("serious", "critical")
# The frame of the API tab holds Swagger UI, whose own page is looked at by itself.
RUN = "return axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(found => found.violations)"


def hashes() -> dict[str, str]:
    """The SHA-256 of every file of the library."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()}


def findings(browser: Browser) -> list[str]:
    """The serious findings on the open page: the rule, and the element."""
    if not browser.run("return Boolean(window.axe)"):
        browser.run((VENDOR / "axe.min.js").read_text())
    violations: list[dict[str, Any]] = browser.run(RUN)
    return [
        f"{violation['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in violations
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
