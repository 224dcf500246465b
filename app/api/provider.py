"""Another provider's sign-in (OpenID Connect): what the framework is told, and its cookies.

The framework talks to the provider and keeps what it learnt in a cookie of its own, which lives
for a month and which nobody can end. Ours replaces it as soon as the person is known.
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
    """Return where the framework finds the provider; there is no file without one."""
    return Path(settings().data_dir) / "provider.toml"


def write() -> None:
    """Write the file anew, for this user's eyes alone, or remove an old one."""
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
    """Take the framework's own cookies out of the browser."""
    for name in request.cookies:
        if name.startswith(COOKIES):
            response.delete_cookie(name, path="/", httponly=True, samesite="lax")
    return response


def _lines(values: dict[str, str]) -> str:
    # a JSON string is a basic string of TOML
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
