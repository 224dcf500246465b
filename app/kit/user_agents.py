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
    browser = _first_match(_BROWSERS, user_agent, "A browser")
    system = _first_match(_SYSTEMS, user_agent, "")
    return f"{browser} on {system}" if system else browser


def _first_match(names_by_mark: dict[str, str], text: str, default: str) -> str:
    return next((device for mark, device in names_by_mark.items() if mark in text), default)
