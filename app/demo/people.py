"""The demo users: four fundraisers, their supervisor and an administrator."""

from dataclasses import dataclass

PASSWORD = "quiet harbour lantern 7"  # noqa: S105 - shown publicly, demo data only
ORGANISATION = "Lantern Harbour Trust"
CURRENCY = "USD"
TIME_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The credentials of a demo user."""

    email: str
    password: str
    role: str
    name: str


SIGN_INS: tuple[SignIn, ...] = (
    SignIn("ruth@demo.example", PASSWORD, "fundraiser", "Ruth Adeyemi"),
    SignIn("sam@demo.example", PASSWORD, "fundraiser", "Sam Whitlock"),
    SignIn("mei@demo.example", PASSWORD, "fundraiser", "Mei Tanabe"),
    SignIn("tomas@demo.example", PASSWORD, "fundraiser", "Tomás Herrera"),
    SignIn("grace@demo.example", PASSWORD, "supervisor", "Grace Okafor"),
    SignIn("ada@demo.example", PASSWORD, "admin", "Ada Lindqvist"),
)
FUNDRAISERS = SIGN_INS[:4]
SUPERVISOR, ADMIN = SIGN_INS[4:]
TEAM = FUNDRAISERS[:2]
# each fundraiser's monthly support as a share of the monthly goal
GOAL_SHARES = (0.81, 0.93, 0.72, 0.87)
# the history of each goal: months before today's, and the share of today's goal
GOAL_HISTORY = ((48, 0.7), (22, 0.8), (10, 0.9), (0, 1.0))
