"""Optional Redis shared by all web processes: request counters and a cache of expensive results.

Everything here works without Redis, and continues without it when it fails.
"""

from app.cache.rate_counter import asked_this_minute
from app.cache.redis_client import hit_rate, reachable
from app.cache.versioned_cache import kept_answer, tally

__all__ = ["asked_this_minute", "hit_rate", "kept_answer", "reachable", "tally"]
