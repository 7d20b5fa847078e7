"""Makes the Chalice app and registers every blueprint. No logic."""

from chalicelib.edge.api_gateway_app import ApiGatewayApp
from chalicelib.edge.middleware import install_middleware
from chalicelib.wiring import world
from functions.blueprints import BLUEPRINTS

app = ApiGatewayApp(app_name="bijuli")
for blueprint in BLUEPRINTS:
    app.register_blueprint(blueprint)
install_middleware(app, world)
