"""The FastAPI application of the JSON API: all routers behind one middleware."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from starlette.middleware import Middleware

from app.api.rest import docs, openapi, problems
from app.api.rest.middleware import RestMiddleware
from app.api.rest.routes import (
    alerts,
    auth,
    calendars,
    campaigns,
    donors,
    exports,
    funds,
    gift_bulk,
    gift_links,
    gifts,
    imports,
    pledges,
    soft_credits,
    tags,
    tasks,
)
from app.api.rest.routes.donor_details import (
    care_requests,
    contact_details,
    contacts,
    donor_tasks,
    households,
    segments,
    timeline,
)
from app.api.rest.routes.figures import kpis, team
from app.api.rest.routes.pledge_details import changes
from app.api.rest.routes.settings import (
    custom_fields,
    exchange_rates,
    logo,
    mail_server,
    organisation,
    people,
)

PARTS = (
    auth,
    donors,
    timeline,
    contact_details,
    contacts,
    segments,
    tags,
    households,
    custom_fields,
    # before gifts: otherwise “suggestions” would be parsed as the id of a gift
    gift_links,
    gift_bulk,
    gifts,
    soft_credits,
    funds,
    exchange_rates,
    campaigns,
    pledges,
    changes,
    donor_tasks,
    tasks,
    care_requests,
    calendars,
    alerts,
    kpis,
    team,
    organisation,
    logo,
    mail_server,
    people,
    imports,
    exports,
    docs,
)


def _version() -> str:
    try:
        return version("donorcrm")
    except PackageNotFoundError:
        return "1"


def _build() -> FastAPI:
    application = FastAPI(
        title="DonorCRM",
        version=_version(),
        # FastAPI's documentation pages load scripts from another host; ours is in `docs`
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(RestMiddleware)],
    )
    problems.install(application)
    for part in PARTS:
        application.include_router(part.router)
    application.openapi = lambda: openapi.build_document(application)  # type: ignore[method-assign]
    return application


api = _build()
