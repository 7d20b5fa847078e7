"""KMS: its troubles are Unavailable, and a wrong request is an error of ours."""

import json

import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.kms import KmsVault
from chalicelib.world import Unavailable
from tests.gateways.aws_clients import aws_client
from tests.gateways.odd_server import OddServer


def vault(url: str) -> KmsVault:
    return KmsVault(aws_client("kms", url), "key")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("KMSInternalException", 500),
        ("DependencyTimeoutException", 500),
        ("DisabledException", 400),
        ("KMSInvalidStateException", 400),
        ("KeyUnavailableException", 500),
        ("AccessDeniedException", 400),
        ("NotFoundException", 400),
    ],
)
def test_a_key_that_can_not_be_used_raises_unavailable(code: str, status: int, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"__type": code, "message": "no"}), status)
    with pytest.raises(Unavailable, match="kms"):
        vault(f"{odd_server.url}kms/").seal("plain", about="u")
    with pytest.raises(Unavailable, match="kms"):
        vault(f"{odd_server.url}kms/").open("c2VhbGVk", about="u")


def test_an_unreachable_kms_raises_unavailable() -> None:
    with pytest.raises(Unavailable, match="kms"):
        vault("http://127.0.0.1:9").seal("plain", about="u")


def test_a_text_that_another_key_encrypted_is_our_error(odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"__type": "InvalidCiphertextException", "message": "no"}), 400)
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        vault(f"{odd_server.url}kms/").open("c2VhbGVk", about="u")
