"""The rate budget of an integration, in Redis, shared by all workers.

One sorted set per limit holds the calls of its window; a Lua script looks and adds in one step. If Redis is
away, every process keeps to the limit by itself: slower is better than banned.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from connectors.base.budget import LocalBudget, Unlimited
from connectors.base.errors import RateLimited
from connectors.base.limits import Limit
from connectors.base.ports import Budget, Clock

if TYPE_CHECKING:
    from integrations.models import Integration

RESERVED = 0.1
"""Share of every limit kept for webhooks and people."""
LONGEST_WAIT = 60.0
"""Seconds that a run sleeps for a free call; beyond it the run is put off, so that no worker idles."""

_TAKE = """
local now, calls = tonumber(ARGV[1]), tonumber(ARGV[2])
local wait = 0
for i, key in ipairs(KEYS) do
  local span, allowed = tonumber(ARGV[1 + 2 * i]), tonumber(ARGV[2 + 2 * i])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - span)
  local used = redis.call('ZCARD', key)
  if used + calls > allowed then
    local rank = math.max(0, used + calls - allowed - 1)
    local first = redis.call('ZRANGE', key, rank, rank, 'WITHSCORES')
    wait = math.max(wait, first[2] and (tonumber(first[2]) + span - now) or span)
  end
end
local blocked = redis.call('GET', KEYS[1] .. ':blocked')
if blocked then wait = math.max(wait, tonumber(blocked) - now) end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  local span = tonumber(ARGV[1 + 2 * i])
  for call = 1, calls do
    redis.call('ZADD', key, now, now .. ':' .. redis.call('INCR', KEYS[1] .. ':serial'))
  end
  redis.call('PEXPIRE', key, math.ceil(span * 1000))
end
return '0'
"""


@lru_cache(maxsize=1)
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)


class RedisBudget:
    """Implements `connectors.base.ports.Budget` for one integration."""

    def __init__(self, name: str, limits: Sequence[Limit], clock: Clock) -> None:
        self._name = f"lockstep:budget:{name}"
        self._limits = tuple(limits)
        self._clock = clock
        self._alone = LocalBudget(limits, clock)
        self._script: Any = None

    def take(self, calls: int = 1, *, priority: bool = False) -> None:
        waited = 0.0
        while (wait := self._ask(calls, priority)) > 0:
            if waited + wait > LONGEST_WAIT:
                raise RateLimited(
                    f"The call limit of the provider is used up; it is free again in {wait:.0f} s.", retry_after=wait
                )
            self._clock.sleep(wait)
            waited += wait

    def _ask(self, calls: int, priority: bool) -> float:
        """Seconds to wait; 0 = taken."""
        import redis

        share = 1.0 if priority else 1.0 - RESERVED
        keys = [f"{self._name}:{index}" for index in range(len(self._limits))]
        spans = [part for one in self._limits for part in (one.per_seconds, max(1, int(one.calls * share)))]
        try:
            self._script = self._script or _redis().register_script(_TAKE)
            return float(self._script(keys=keys, args=[self._clock.now().timestamp(), calls, *spans]))
        except redis.RedisError:
            self._alone.take(calls, priority=priority)
            return 0.0

    def heard(self, *, remaining: int | None = None, retry_after: float | None = None) -> None:
        import redis

        self._alone.heard(remaining=remaining, retry_after=retry_after)
        if not retry_after:
            return
        until = self._clock.now().timestamp() + retry_after
        try:
            _redis().set(f"{self._name}:0:blocked", until, px=max(1, int(retry_after * 1000)))
        except redis.RedisError:
            return


def shared_budget(integration: Integration, limits: Sequence[Limit], clock: Clock) -> Budget:
    """The budget that every worker of this integration draws from. `settings["limits"]` overrides the
    provider's declared limits: a list of [calls, seconds]; an empty list switches the budget off."""
    own = integration.settings.get("limits")
    chosen = limits if own is None else [Limit(int(calls), per_seconds=float(seconds)) for calls, seconds in own]
    return RedisBudget(str(integration.pk), chosen, clock) if chosen else Unlimited()
