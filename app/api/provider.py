"""Sign-in through an OpenID Connect provider: Streamlit's configuration and its cookies.

Streamlit communicates with the provider and stores the result in a cookie of its own, which lasts
for a month and cannot be revoked. Our session cookie replaces it as soon as the user is known.
"""

import hmac
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from app.settings import settings

NAME = "provider"
COOKIES = "_streamlit_user"


def path() -> Path:
    """Return the path of the configuration file; it exists only if a provider is configured."""
    return Path(settings().data_dir) / "provider.toml"


def write() -> None:
    """Write the configuration file with mode 0600, or delete it without a provider."""
    chosen, file = settings(), path()
    if not chosen.oidc:
        file.unlink(missing_ok=True)
        return
    key = hmac.new(chosen.signing_key.encode(), b"provider's cookie", "sha256").hexdigest()
    shared = {"redirect_uri": f"{chosen.public_url}/oauth2callback", "cookie_secret": key}
    own = {
        "client_id": chosen.oidc_client_id,
        "client_secret": chosen.oidc_client_secret,
        "server_metadata_url": chosen.oidc_metadata_url,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(f"[auth]\n{_lines(shared)}\n[auth.{NAME}]\n{_lines(own)}\n", encoding="utf-8")
    part.replace(file)


def forget(request: Request, response: Response) -> Response:
    """Delete Streamlit's cookies."""
    for name in request.cookies:
        if name.startswith(COOKIES):
            response.delete_cookie(name, path="/", httponly=True, samesite="lax")
    return response


def _lines(values: dict[str, str]) -> str:
    # a JSON string is a basic string of TOML
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
