"""HTTP routes beside the screens, and the middleware in front of both."""

from app.api.auth import routes as auth_routes
from app.api.bounces import routes as bounce_routes
from app.api.email_pages import routes as letter_routes
from app.api.files import routes as file_routes
from app.api.health import routes as health_routes
from app.api.metrics import routes as metrics_routes
from app.api.middleware.body_limits import BodyLimitMiddleware
from app.api.middleware.request_logging import RequestLoggingMiddleware
from app.api.middleware.security import SecurityMiddleware
from app.api.middleware.unread_bodies import DrainBodyMiddleware
from app.api.middleware.wellknown import KnownPathsMiddleware
from app.api.middleware.wellknown import routes as wellknown_routes
from app.api.passkeys import routes as passkey_routes
from app.api.rest import mount
from app.api.signed_in.find import routes as find_routes
from app.api.signed_in.summary_preview import routes as preview_routes

__all__ = [
    "BodyLimitMiddleware",
    "DrainBodyMiddleware",
    "KnownPathsMiddleware",
    "RequestLoggingMiddleware",
    "SecurityMiddleware",
    "routes",
]

# the mount comes last: it handles every path of the API that no route before it matches
routes = [
    *health_routes,
    *metrics_routes,
    *auth_routes,
    *file_routes,
    *preview_routes,
    *find_routes,
    *bounce_routes,
    *letter_routes,
    *wellknown_routes,
    *passkey_routes,
    mount,
]
