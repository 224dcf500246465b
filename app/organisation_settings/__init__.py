"""The organisation's set-up, logo and mail server; its other settings are in app.accounts."""

from app.organisation_settings.checklist import ChecklistStep, first_steps, hide_first_steps
from app.organisation_settings.logo import MOST_BYTES as MOST_LOGO_BYTES
from app.organisation_settings.logo import logo, remove_logo, save_logo
from app.organisation_settings.mail_server import (
    checked_server,
    mail_route,
    remove_mail_server,
    save_mail_server,
    send_test_message,
)
from app.organisation_settings.modules import MODULES, require_module
from app.organisation_settings.setup import (
    SetUp,
    is_set_up,
    require_setup_code,
    server_to_try,
    set_up,
    setup_code,
)

__all__ = [
    "MODULES",
    "MOST_LOGO_BYTES",
    "ChecklistStep",
    "SetUp",
    "checked_server",
    "first_steps",
    "hide_first_steps",
    "is_set_up",
    "logo",
    "mail_route",
    "remove_logo",
    "remove_mail_server",
    "require_module",
    "require_setup_code",
    "save_logo",
    "save_mail_server",
    "send_test_message",
    "server_to_try",
    "set_up",
    "setup_code",
]
