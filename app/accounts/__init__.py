"""Who is asking, and what they may see."""

from app.accounts.organisation import (
    OrganisationFacts,
    actor_by_email,
    actor_by_id,
    organisation,
)
from app.accounts.scope import (
    SYSTEM,
    Actor,
    Role,
    editable_donors,
    giftable_donors,
    require,
    visible_donors,
    visible_owners,
)

__all__ = [
    "SYSTEM",
    "Actor",
    "OrganisationFacts",
    "Role",
    "actor_by_email",
    "actor_by_id",
    "editable_donors",
    "giftable_donors",
    "organisation",
    "require",
    "visible_donors",
    "visible_owners",
]
