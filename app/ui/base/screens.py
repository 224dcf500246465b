"""The list of all screens: file, title, address, place in the menu, and allowed roles."""

from dataclasses import dataclass
from pathlib import Path

from app import accounts
from app.accounts import Actor, Role

PAGES_FOLDER = Path(__file__).resolve().parents[3] / "pages"
EVERYBODY = frozenset(Role) - {Role.SYSTEM}
# screens that contain only amounts, which a coach may not see
MONEY = EVERYBODY - {Role.COACH}
IMPORTERS = MONEY - {Role.READ_ONLY}
ADMINS = frozenset({Role.ADMIN})
LEADS = frozenset({Role.ADMIN, Role.SUPERVISOR})
TEAM_LEADS = LEADS | {Role.COACH}
AUDITORS = frozenset(accounts.AUDITORS)


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen; `section` is its heading in the menu."""

    file: str
    title: str
    icon: str
    url_path: str
    section: str
    roles: frozenset[Role] = EVERYBODY
    in_menu: bool = True
    # not open during impersonation: screens that change data, or with the user's own settings
    in_view_as: bool = True
    # the folder of the file below pages/
    folder: str = ""
    # the optional module that has to be switched on
    module: str | None = None

    def open_to(self, actor: Actor) -> bool:
        """Return whether the actor may open the screen."""
        in_use = self.module is None or self.module in actor.modules
        return in_use and actor.role in self.roles and (self.in_view_as or not actor.looking)

    @property
    def path(self) -> Path:
        """Return the path of the screen's file."""
        return PAGES_FOLDER / self.folder / f"{self.file}.py"


def screen(file: str) -> Screen:
    """Return the screen of a file: "people" or "pages/admin/people.py"."""
    return next(known_screen for known_screen in SCREENS if known_screen.file == Path(file).stem)


def part_of(screen: Screen) -> str:
    """Return the name of the guide's part about a screen, as it is in the address of Help."""
    return screen.url_path or screen.file


SCREENS = (
    Screen("today", "Today", "wb_sunny", "", ""),
    Screen("tasks", "Tasks", "task_alt", "tasks", ""),
    Screen("dashboard", "Dashboard", "monitoring", "dashboard", "", MONEY),
    Screen("team", "Team", "groups", "team", "", TEAM_LEADS),
    Screen("donors", "Donors", "group", "donors", ""),
    Screen("donor", "Donor", "person", "donor", "", in_menu=False),
    Screen("gifts", "Gifts", "redeem", "gifts", "", MONEY),
    Screen("pledges", "Pledges", "event_repeat", "pledges", ""),
    Screen("requests", "Requests", "volunteer_activism", "requests", "", module="requests"),
    Screen("import_file", "Import", "upload_file", "import", "Data", IMPORTERS, in_view_as=False),
    Screen("export", "Export", "download", "export", "Data", MONEY, in_view_as=False),
    Screen("reliability", "Alert quality", "verified", "alerts", "Data"),
    Screen(
        "people", "People", "badge", "people", "Admin", LEADS, in_view_as=False, folder="admin"
    ),
    Screen(
        "organisation",
        "Organisation",
        "domain",
        "organisation",
        "Admin",
        ADMINS,
        in_view_as=False,
        folder="admin",
    ),
    Screen(
        "funds",
        "Funds and campaigns",
        "savings",
        "funds",
        "Admin",
        AUDITORS,
        folder="admin",
    ),
    Screen("tags", "Tags and fields", "sell", "tags", "Admin", AUDITORS, folder="admin"),
    Screen("jobs", "Jobs", "schedule_send", "jobs", "Admin", ADMINS, folder="admin"),
    Screen("audit", "Audit log", "history", "audit", "Admin", AUDITORS, folder="admin"),
    Screen("outbox", "Outbox", "outgoing_mail", "outbox", "Admin", ADMINS, folder="admin"),
    Screen(
        "exchange_rates",
        "Exchange rates",
        "currency_exchange",
        "exchange-rates",
        "Admin",
        ADMINS,
        folder="admin",
    ),
    Screen("system", "System", "monitor_heart", "system", "Admin", ADMINS, folder="admin"),
    Screen("settings", "My settings", "tune", "settings", "You", in_view_as=False),
    # the guide's own part is the last one: how to find one's way
    Screen("help", "Help", "help", "help", "You"),
)
# pages that are opened only from links in mails: address → title
BY_LINK = {"reset": "New password", "invitation": "Invitation"}
ADDRESSES = frozenset({known_screen.url_path for known_screen in SCREENS} | BY_LINK.keys())
