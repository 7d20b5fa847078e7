"""The steps of a swap: a report, the return of the faulty power bank, and what was ejected."""

from typing import Any

from app import app
from chalicelib.domain.rentals.rental import Rental
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_of

DEAD = {"issue_type": "not_working", "description": "no light"}


def report(network: Network, rental: Rental, token: str | None = None, **fields: Any) -> Reply:
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    reply = request(app, "POST", path, DEAD | fields, token=token or token_of(network, rental.user_id))
    assert reply.status == 201, reply.text
    return reply


def reported(network: Network, **more: Any) -> Rental:
    """A rental whose power bank was reported as dead a minute after the eject. Another minute later it is back."""
    rental = network.rented(network.customer(), **more)
    network.fake_world.clock.advance(minutes=1)
    assert report(network, rental).data["swap_until"] is not None
    network.fake_world.clock.advance(minutes=1)
    network.fake_world.cabinets.ejects.clear()
    return network.rental(rental)


def bring_back(network: Network, rental: Rental) -> Rental:
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    return network.rental(rental)


def ejected(network: Network) -> list[str]:
    return [sn for _, sn in network.fake_world.cabinets.ejects]


def wallet(rental: Rental) -> int:
    return account(rental.user_id).wallet_paisa
