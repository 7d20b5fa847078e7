"""PyJWT is imported without cryptography, and other imports still find cryptography."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest

from chalicelib.gateways.hidden_import import hidden_import

RARE = "zipapp"
"""A standard library module that nothing else imports."""
FRESH = """
import sys
import chalicelib.gateways.jwt_tokens
assert "jwt" in sys.modules
assert "cryptography" not in sys.modules
from firebase_admin import credentials, messaging
assert "cryptography" in sys.modules
from cryptography.hazmat.primitives.asymmetric import rsa
"""


def test_tokens_import_no_cryptography_and_firebase_can_import_it_later() -> None:
    result = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode == 0, result.stderr


def test_a_package_is_hidden_from_one_thread_during_one_import() -> None:
    sys.modules.pop(RARE, None)
    with hidden_import(RARE):
        with pytest.raises(ModuleNotFoundError, match="hidden"):
            import_module(RARE)
        with ThreadPoolExecutor(1) as another:
            assert another.submit(import_module, RARE).result().__name__ == RARE
        sys.modules.pop(RARE)
    assert import_module(RARE).__name__ == RARE
