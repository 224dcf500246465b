"""What web processes share in Redis, where one is set: counts, and answers that were dear.

Everything here is right without it, and goes on without it when it dies.
"""

from app.cache.rate_counter import asked_this_minute
from app.cache.redis_client import hit_rate, reachable
from app.cache.versioned_cache import kept_answer, tally

__all__ = ["asked_this_minute", "hit_rate", "kept_answer", "reachable", "tally"]
