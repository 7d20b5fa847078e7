"""Registers and signs in through the services, for the tests of authentication."""

from chalicelib.services import caller as callers
from chalicelib.services.auth import otp, registration, sessions, signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.caller import Caller
from chalicelib.world import World
from tests.services.auth.test_otp import PHONE, code_for
from tests.world.fake_world import FakeWorld


def verification_token(fake_world: FakeWorld, world: World, identifier: str = PHONE, *, minutes: int = 15) -> str:
    """A verification token, requested some minutes later, for the purpose that the identifier has then."""
    fake_world.clock.advance(minutes=minutes)
    return otp.verify(world, identifier, code_for(fake_world, world, identifier), None).token


def register(fake_world: FakeWorld, world: World, *, identifier: str = PHONE, username: str = "sita") -> SignedIn:
    token = verification_token(fake_world, world, identifier)
    return registration.register(world, identifier, token, username=username, referral_code=None)


def login(fake_world: FakeWorld, world: World, identifier: str = PHONE) -> SignedIn:
    return signin.login(world, identifier, verification_token(fake_world, world, identifier))


def caller(world: World, signed_in: SignedIn) -> Caller:
    claims = world.tokens.read(signed_in.tokens.access, audience=sessions.ACCESS)
    return callers.authenticate(world, claims=claims)
