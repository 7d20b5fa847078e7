"""Makes the Chalice app and registers every blueprint. No logic."""

from chalice.app import Chalice

from chalicelib.edge.middleware import prepare
from chalicelib.wiring import world
from functions.routes import BLUEPRINTS

app = Chalice(app_name="bijuli")
for blueprint in BLUEPRINTS:
    app.register_blueprint(blueprint)
prepare(app, world)
