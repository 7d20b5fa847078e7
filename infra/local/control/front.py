"""The WSGI app of the sandbox's port: the control API and the companies, and the API under its own paths."""

from collections.abc import Sequence

from infra.local.addresses import Addresses
from infra.local.aws.api_server import SameOrigin
from infra.local.companies.dead_connections import DeadConnections
from infra.local.connections import App
from infra.local.control.clock import ADVANCE_PATH
from infra.local.control.own_pages import OwnPagesOnly
from infra.local.snapshots.activity_gate import ActivityGate, GatedApp

UNGATED_PATHS = ("/events", "/snapshots", "/reset", "/static/", ADVANCE_PATH)
"""Of the control API: these never wait for a snapshot. Companies' paths don't either, which the service calls."""


def sandbox_port(
    control: App,
    api: App,
    activity: ActivityGate,
    addresses: Addresses,
    company_paths: Sequence[str],
    *,
    dead_connections: bool,
) -> App:
    """`company_paths` are prefixes. With `dead_connections` companies reset a connection at its second request."""
    own: App = GatedApp(control, activity, ungated_paths=[*UNGATED_PATHS, *company_paths])
    own = OwnPagesOnly(own, addresses.host, addresses.allowed_origins, company_paths)
    if dead_connections:
        own = DeadConnections(own, company_paths)
    return SameOrigin(own, api)
