"""Optional Redis shared by all web processes: request counters and a cache of expensive results.

Everything here works without Redis, and continues without it when it fails.
"""

from app.cache.rate_counter import process_counters, wait_for_turn
from app.cache.redis_client import hit_rate, reachable
from app.cache.versioned_cache import cached, hit_counts

__all__ = ["cached", "hit_counts", "hit_rate", "process_counters", "reachable", "wait_for_turn"]
