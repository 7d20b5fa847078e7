"""The roll: makes the Chalice app and registers every door, consumer and clock. No logic."""

from chalice.app import Chalice

from chalicelib.edge.app import prepare
from chalicelib.wiring import world
from functions import (
    admin_people,
    admin_refunds,
    auth,
    payments,
    refunds,
    rentals,
    statements,
    stations,
    topups,
    users,
    webhooks,
)
from functions.consumers import consumers
from functions.schedules import schedules

DOORS = (
    auth,
    users,
    statements,
    stations,
    payments,
    topups,
    refunds,
    webhooks,
    rentals,
    admin_people,
    admin_refunds,
)

app = Chalice(app_name="bijuli")
for doors in DOORS:
    app.register_blueprint(doors.routes)
app.register_blueprint(consumers)
app.register_blueprint(schedules)
prepare(app, world)
