"""The roll: makes the Chalice app and registers every door, consumer and clock. No logic."""

from chalice.app import Chalice

from chalicelib.edge.app import prepare
from chalicelib.wiring import world
from functions import (
    admin_intents,
    admin_people,
    admin_refunds,
    admin_reports,
    admin_users,
    app_info,
    auth,
    devices,
    leaving,
    notifications,
    papers,
    payments,
    refunds,
    rentals,
    statements,
    stations,
    topups,
    uploads,
    users,
    webhooks,
)
from functions.consumers import consumers
from functions.schedules import schedules

app = Chalice(app_name="bijuli")
for doors in (
    app_info,
    auth,
    papers,
    devices,
    users,
    statements,
    uploads,
    notifications,
    stations,
    payments,
    topups,
    refunds,
    webhooks,
    rentals,
    admin_people,
    admin_users,
    admin_intents,
    admin_refunds,
    admin_reports,
    leaving,
):
    app.register_blueprint(doors.routes)
app.register_blueprint(consumers)
app.register_blueprint(schedules)
prepare(app, world)
