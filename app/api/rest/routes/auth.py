"""API routes for authentication: sign in for tokens, refresh them, sign out, and `me`."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints

from app import accounts
from app.api.rest import rate_limits
from app.api.rest.dependencies import CurrentActor, now
from app.api.rest.problems import SignInError
from app.api.rest.schemas.common import NO_NUL, Answer, Body, Done, Line
from app.db import transaction_for_system

router = APIRouter(tags=["signing in"])

# the same message as on the screen, for a wrong password, an unknown address and too many attempts
WRONG = "E-mail or password is not right. After five wrong tries, wait a few minutes."
CODE = "This account has a second factor: send the code of your app as “code”, too."
OLD = "This refresh token is wrong, used or too old. Please sign in again."
Token = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]


class SignIn(Body):
    """Credentials for signing in."""

    email: Line = Field(description="E-mail address of the user.", examples=["ruth@example.org"])
    password: Annotated[str, StringConstraints(max_length=1_000, pattern=NO_NUL)] = Field(
        description="Password of the user.", examples=["four quite unrelated words"]
    )
    code: Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL)] = Field(
        "",
        description="TOTP or recovery code, if two-factor authentication is on.",
        examples=["123456"],
    )


class Refresh(Body):
    """The latest refresh token."""

    refresh: Token = Field(
        description="Single use; replace it with the new one.", examples=["eyJhbGciOi…"]
    )


class Tokens(Answer):
    """Access token and refresh token of one sign-in."""

    access: str = Field(description="Send it as `Authorization: Bearer …`.")
    refresh: str = Field(
        description="Exchange it at `auth/refresh` when the access token expires."
    )
    expires_in: int = Field(description="Lifetime of the access token in seconds.")


class Me(Answer):
    """The user of a token."""

    id: int
    name: str
    email: str
    role: str = Field(examples=["fundraiser"])
    time_zone: str = Field(description="Time zone of all dates.", examples=["Europe/Berlin"])
    locale: str
    sees_amounts: bool = Field(description="Whether the user may see amounts; a coach may not.")


@router.post("/auth/token", summary="Sign in", operation_id="sign_in")
def token(body: SignIn, request: Request) -> Tokens:
    """Exchange e-mail and password for an access token and a refresh token.

    A wrong password, an unknown address and too many attempts get the same response. If two-factor
    authentication is on, the right password without a `code` gets a response that says so.
    """
    caller = request.client.host if request.client else ""
    rate_limits.SIGN_INS.take(caller)
    with transaction_for_system() as db:
        signed_in = accounts.sign_in(
            db, email=body.email, password=body.password, code=body.code, now=now(), caller=caller
        )
        tokens = None
        if isinstance(signed_in, accounts.Actor):
            tokens = accounts.issue_tokens(db, user_id=signed_in.user_id, now=now())
    # raised outside of the transaction, so that the count of failed attempts is committed
    if tokens is None:
        raise SignInError(WRONG if signed_in is None else CODE)
    return Tokens.model_validate(tokens)


@router.post("/auth/refresh", summary="Refresh tokens", operation_id="refresh")
def refresh(body: Refresh) -> Tokens:
    """Exchange the latest refresh token for new tokens.

    A refresh token that is used a second time counts as copied: all tokens of its sign-in are
    revoked.
    """
    with transaction_for_system() as db:
        tokens = accounts.refresh_tokens(db, refresh=body.refresh, now=now())
    # raised outside of the transaction, so that the revocation of a copied token is committed
    if tokens is None:
        raise SignInError(OLD)
    return Tokens.model_validate(tokens)


@router.post("/auth/logout", summary="Sign out", operation_id="sign_out")
def logout(body: Refresh) -> Done:
    """Revoke a refresh token and all access tokens of its sign-in; ignore an unknown token."""
    with transaction_for_system() as db:
        accounts.revoke_tokens(db, refresh=body.refresh, now=now())
    return Done()


@router.get("/me", summary="Read the current user", operation_id="me")
def me(actor: CurrentActor) -> Me:
    """Return the user of the token."""
    return Me(
        id=actor.user_id,
        name=actor.name,
        email=actor.email,
        role=str(actor.role),
        time_zone=actor.time_zone,
        locale=actor.locale,
        sees_amounts=actor.sees_amounts,
    )
