"""API routes for the server for outgoing mail: show it, and send a test message.

It is changed on the screen only, where the password is asked again: whoever changes it can read
every mail with a link that resets a password.
"""

from dataclasses import replace

from fastapi import APIRouter
from pydantic import Field

from app import organisation_settings
from app.api.rest.dependencies import CurrentActor, now, read_only, work
from app.api.rest.schemas.common import Answer
from app.kit.errors import InvalidError

router = APIRouter(prefix="/organisation/mail-server", tags=["organisation"])

NONE_SAVED = "No mail server is saved. Save one on the Organisation screen first."


class Server(Answer):
    """An SMTP server, without its password."""

    host: str = Field(description="Name or address of the server.")
    port: int = Field(description="Port of the server.", examples=[587])
    use_tls: bool = Field(description="Whether the connection is encrypted.")
    username: str = Field(description="User name; empty without a sign-in.")
    sender: str = Field(description="Address in From.")


class Route(Answer):
    """How mail is sent."""

    backend: str = Field(
        description="smtp, file, or console: mails are printed to the log.", examples=["smtp"]
    )
    sender: str = Field(description="The From header of mails.")
    server: Server | None = Field(description="Null unless mail is sent by SMTP.")


class TestMessage(Answer):
    """A test message that the server took."""

    to: str = Field(description="Your own address.")


@router.get("", summary="Show the mail server", operation_id="get_mail_server")
def show(actor: CurrentActor) -> Route:
    """Return how mail is sent, without the password. Administrators only."""
    return read_only(
        actor, lambda db: Route.model_validate(organisation_settings.mail_route(db, actor))
    )


@router.post("/test", summary="Send a test message", operation_id="send_test_message")
def test(actor: CurrentActor) -> TestMessage:
    """Send a message to your own address through the saved server. Administrators only.

    422 with the server's own words if it refuses.
    """
    with work(actor) as db:
        saved = organisation_settings.mail_route(db, actor).server
        if saved is None:
            raise InvalidError(NONE_SAVED)
        server = organisation_settings.checked_server(db, actor, replace(saved, password=""))
    organisation_settings.send_test_message(server, to=actor.email, now=now())
    return TestMessage(to=actor.email)
