"""HTTP routes beside the screens, and the wall in front of both."""

from app.api.auth import routes as auth_routes
from app.api.health import routes as health_routes
from app.api.walls import Walls

__all__ = ["Walls", "routes"]

routes = [*health_routes, *auth_routes]
