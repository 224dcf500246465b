"""The campaigns of the demo data, and the codes of its funds in the bookkeeping."""

from datetime import date, timedelta

from app.db import Session
from app.demo import queries

# name, fund, days from today to its start and its end, goal in minor units, status;
# recent gifts belong to the first
CAMPAIGNS = (
    ("A roof before winter", "General", -45, 45, 2_500_000, "active"),
    ("Christmas letter", "Field work", 5, 60, 800_000, "active"),
    ("Spring appeal", "School meals", -270, -210, 1_200_000, "closed"),
)


def write_campaigns(db: Session, funds: dict[str, int], today: date) -> int:
    """Write the campaigns and the codes of the funds; return the campaign of recent gifts."""
    codes = {fund_id: f"4{number:02}0" for number, fund_id in enumerate(funds.values(), 1)}
    queries.set_codes(db, codes)
    ids = [
        queries.add_campaign(
            db,
            name=name,
            fund_id=funds[fund],
            starts_on=today + timedelta(days=starts),
            ends_on=today + timedelta(days=ends),
            goal_minor=goal,
            status=status,
        )
        for name, fund, starts, ends, goal, status in CAMPAIGNS
    ]
    return ids[0]
