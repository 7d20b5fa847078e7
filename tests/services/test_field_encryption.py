"""Document numbers while KMS does not answer: the request is refused, and an operator is called."""

from dataclasses import replace
from io import StringIO

import pytest

from chalicelib.services import field_encryption
from chalicelib.world import Unavailable, World


class VaultWithoutAnswer:
    """A KMS that does not answer."""

    def seal(self, plain: str, *, about: str) -> str:
        raise Unavailable("kms")

    def open(self, sealed: str, *, about: str) -> str:
        raise Unavailable("kms")


@pytest.mark.parametrize("call", [field_encryption.encrypt, field_encryption.decrypt])
def test_a_key_service_that_does_not_answer_raises_an_alarm(call: object, world: World, log_output: StringIO) -> None:
    assert callable(call)
    with pytest.raises(Unavailable, match="kms"):
        call(replace(world, vault=VaultWithoutAnswer()), "text", "u")
    assert '"fact":"keys_unavailable"' in log_output.getvalue()
