"""Short names of devices, derived from the User-Agent header."""

# The first match counts: most browsers also claim to be the ones below them.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def describe_device(user_agent: str) -> str:
    """Return the name of a device: "Firefox on Windows"."""
    browser = _first(_BROWSERS, user_agent, "A browser")
    system = _first(_SYSTEMS, user_agent, "")
    return f"{browser} on {system}" if system else browser


def _first(known: dict[str, str], text: str, otherwise: str) -> str:
    return next((word for mark, word in known.items() if mark in text), otherwise)
