"""Deletes an account, runs what follows, and finds personal data that is left."""

import json
from typing import Any

from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.world.network import Network
from tests.world.real_tables import all_rows


def personal_rows_of(*customers: CustomerToDelete) -> list[tuple[int, str, str]]:
    """The personal data that is left: customer number, kind, and table, queue or store."""
    network = customers[0].network
    places = {table: "\n".join(rows) for table, rows in all_rows().items()}
    places |= {queue: json.dumps(list(bodies)) for queue, bodies in network.fake_world.queues.sent.items()}
    places["media"] = json.dumps(list(network.fake_world.media.stored))
    personal_rows = [
        (customer.number, kind, place)
        for customer in customers
        for kind, value in customer.personal_values.items()
        for place, text in places.items()
        if value in text or json.dumps(value)[1:-1] in text
    ]
    return personal_rows + [(customer.number, "a file", "media") for customer in customers if customer.files]


def delete_customer(network: Network, user_id: str, *, forfeit: bool = True) -> Any:
    """Delete the account of a plain customer."""
    return CustomerToDelete(network, 0, user_id, network.sessions[user_id]).delete(forfeit=forfeit)
