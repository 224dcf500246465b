"""All kinds of related records by name, in the order in which files refer to each other."""

from collections.abc import Mapping

from app.imports.queries.related.campaigns import CAMPAIGNS
from app.imports.queries.related.details import ADDRESSES, EMAILS, PHONES
from app.imports.queries.related.households import HOUSEHOLDS
from app.imports.queries.related.kind import RelatedKind
from app.imports.queries.related.pauses import PAUSES
from app.imports.queries.related.relations import RELATIONS
from app.imports.queries.related.soft_credits import SOFT_CREDITS
from app.imports.queries.related.tags import TAGS
from app.imports.queries.related.versions import VERSIONS

RELATED_KINDS: Mapping[str, RelatedKind] = {
    "campaigns": CAMPAIGNS,
    "tags": TAGS,
    "emails": EMAILS,
    "phones": PHONES,
    "addresses": ADDRESSES,
    "households": HOUSEHOLDS,
    "relations": RELATIONS,
    "soft-credits": SOFT_CREDITS,
    "pledge-pauses": PAUSES,
    "pledge-versions": VERSIONS,
}
