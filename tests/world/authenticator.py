"""An operator's authenticator app in tests: it shows the codes of one secret."""

from dataclasses import dataclass
from typing import Any

from app import app
from chalicelib.domain.operators import totp
from tests.world.fake_world import FakeClock
from tests.world.http_client import request

FACTOR, PASSWORD = "/api/admin/me/second-factor", "a password"


@dataclass
class Authenticator:
    """The app with its secret, and the recovery codes on paper."""

    clock: FakeClock
    secret: str
    recovery_codes: list[str]

    def code(self) -> str:
        """The code of this moment. Each call waits for a new one, since every code counts once."""
        self.clock.advance(seconds=totp.STEP_SECONDS)
        return totp.code_at(totp.secret_of(self.secret), totp.current_step(self.clock.now()))


def enrolled(clock: FakeClock, token: str, password: str = PASSWORD) -> Authenticator:
    """The second factor of the operator with this token, after its first code. The token has ended."""
    made: Any = request(app, "POST", FACTOR, {"password": password}, token=token).data
    authenticator = Authenticator(clock, made["secret"], [])
    confirmed = request(app, "POST", f"{FACTOR}/confirm", {"otp": authenticator.code()}, token=token)
    authenticator.recovery_codes = confirmed.data["recovery_codes"]
    return authenticator
