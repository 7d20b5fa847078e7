"""What tests of operators' commands to cabinets share: a command, and the cabinet's answer to it."""

from collections.abc import Callable
from typing import Any

from app import app
from chalicelib.tables import event_log
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, Network
from tests.world.real_tables import all_rows

URL, FULLEST = f"/api/admin/stations/{LABIM.sn}/remote-command", "40818052"


def answering(network: Network, report: Callable[[], None], *, after_pauses: int = 3) -> None:
    """The cabinet reports once, after this number of half seconds, and the consumer writes the event log."""
    pauses = iter(range(1, 100))

    def on_pause() -> None:
        if next(pauses) == after_pauses:
            report()
            event_log.write(network.log_entries)
            network.log_entries.clear()

    network.fake_world.on_pause = on_pause


def send(token: str, command: str, **fields: Any) -> Reply:
    return request(app, "POST", URL, {"command": command, **fields}, token=token)


def eject(network: Network, token: str, state: int = EJECTED, sn: str = FULLEST) -> Reply:
    answering(network, lambda: network.report_eject(LABIM, sn, state))
    return send(token, "eject", powerbank_sn=sn)


def texts(table: str) -> list[str]:
    return next(rows for name, rows in all_rows().items() if name.endswith(f"-{table}"))
