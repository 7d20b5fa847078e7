"""A customer's use of a coupon, an invitation and an achievement, for the tests of account deletion."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.rewards.coupon import Coupon
from chalicelib.services.promotions import coupons as coupon_uses
from chalicelib.tables import coupons, invitations
from chalicelib.tables.atomic import atomic
from tests.scenarios.customer_to_delete import CustomerToDelete


def use_coupon(customer: CustomerToDelete) -> None:
    """Use a coupon, and have the user's referral code claimed by another customer."""
    world, now, code = customer.network.world, customer.network.world.now(), f"CANARY{customer.number:03d}"
    name = customer.personal_values["name of a coupon"]
    coupon = Coupon(code, name, 5, 1, now, now + timedelta(days=1))
    atomic(world, lambda ops: coupons.save(ops, coupon))
    applied = coupon_uses.apply_coupon(
        world, customer.session.caller(world, *coupon_uses.apply_keys(customer.user_id, code)), code, "192.0.2.44"
    )
    assert applied.name == name
    # The name of the coupon belongs to the promotion. The customer's use of it must go.
    atomic(world, lambda ops: coupons.save(ops, replace(coupon, name="A coupon", version=1)))
    atomic(
        world,
        lambda ops: invitations.add(ops, referrer_id=customer.user_id, invitee_id="another customer", claimed_at=now),
    )
