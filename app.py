"""The roll: makes the Chalice app and registers every door, consumer and clock. No logic."""

from chalice.app import Chalice

from chalicelib.edge.app import prepare
from chalicelib.wiring import world
from functions import (
    admin_intents,
    admin_people,
    admin_reports,
    auth,
    payments,
    rentals,
    stations,
    topups,
    users,
    webhooks,
)
from functions.consumers import consumers
from functions.schedules import schedules

app = Chalice(app_name="bijuli")
for doors in (
    auth,
    users,
    stations,
    payments,
    topups,
    webhooks,
    rentals,
    admin_people,
    admin_intents,
    admin_reports,
):
    app.register_blueprint(doors.routes)
app.register_blueprint(consumers)
app.register_blueprint(schedules)
prepare(app, world)
