"""Makes the Chalice app and registers every blueprint. No logic."""

from chalicelib.edge.gateway_events import GatewayApp
from chalicelib.edge.middleware import install_middleware
from chalicelib.wiring import world
from functions.routes import BLUEPRINTS

app = GatewayApp(app_name="bijuli")
for blueprint in BLUEPRINTS:
    app.register_blueprint(blueprint)
install_middleware(app, world)
