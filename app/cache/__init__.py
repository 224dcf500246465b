"""Optional Redis shared by all web processes: request counters and a cache of expensive results.

Everything here works without Redis, and continues without it when it fails.
"""

from app.cache.rate_counter import requests_this_minute
from app.cache.redis_client import hit_rate, reachable
from app.cache.versioned_cache import cached, hit_counts

__all__ = ["cached", "hit_counts", "hit_rate", "reachable", "requests_this_minute"]
