"""Chooses how an approved refund is paid."""

from collections.abc import Collection

from chalicelib.domain.configuration.gateway_registry import refunds_by_call
from chalicelib.domain.payments.refund import Refund, RefundMethod
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message


def choose_method(
    refund: Refund, requested: RefundMethod | None, reference: str | None, *, configured_gateways: Collection[str]
) -> RefundMethod:
    """The requested method, or the usual one when none is requested.

    `configured_gateways` are the gateways at which we have an account. Raises Problem("invalid_input").
    """
    if refund.rental_id is not None:
        if requested not in (None, RefundMethod.WALLET):
            raise Problem(
                "invalid_input", errors={"refund_method": [validation_message("rental_refund_goes_to_wallet")]}
            )
        return RefundMethod.WALLET
    by_call = refunds_by_call(refund.gateway) and refund.gateway in configured_gateways
    method = requested or (RefundMethod.GATEWAY if by_call else RefundMethod.BY_HAND)
    if method is RefundMethod.WALLET:
        raise Problem("invalid_input", errors={"refund_method": [validation_message("topup_is_in_wallet")]})
    if method is RefundMethod.GATEWAY and not by_call:
        raise Problem("invalid_input", errors={"refund_method": [validation_message("gateway_refunds_by_hand")]})
    if method is RefundMethod.BY_HAND and not reference:
        raise Problem("invalid_input", errors={"reference": [validation_message("reference_missing")]})
    return method
