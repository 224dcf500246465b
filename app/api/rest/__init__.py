"""The JSON API: the functions of the screens, for programs."""

import re

from starlette.routing import Mount

from app.api.rest.app import api

# every path below, also one with a line break, which the pattern of a mount leaves out: the API
# answers all of its errors itself
mount = Mount("/api/v1", api)
mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)

__all__ = ["api", "mount"]
