"""Guessing passwords and tokens is slowed down, per account and per address.

Counted are failures, in windows of `LOGIN_WINDOW` seconds: of one account from one address, of one address whatever
the account, of one account wherever from. The last limit is the widest, so that nobody is locked out of an account
by a stranger elsewhere with a few tries. A success forgets the failures of its account from its address.

Without Redis every process counts for itself: guessing stays slow, and people who know their password get in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings

from records import counters

PER_ADDRESS, PER_ACCOUNT = 5, 20
"""How many times `LOGIN_FAILURES` may come from one address, and for one account."""


def wait(account: str, address: str) -> int:
    """Seconds until another try is taken; 0 = now. `account` "" = none is known (tokens)."""
    found = 0.0
    for key, most in _limits(account, address):
        number, left = _either(counters.count, counters.count_here, key)
        if number >= most:
            found = max(found, left)
    return int(found) + 1 if found else 0


def failed(account: str, address: str) -> None:
    for key, _ in _limits(account, address):
        _either(counters.hit, counters.hit_here, key)


def succeeded(account: str, address: str) -> None:
    try:
        counters.forget(_pair(account, address), settings.LOGIN_WINDOW)
    except counters.Unavailable:
        return


def _limits(account: str, address: str) -> Iterator[tuple[str, int]]:
    most = settings.LOGIN_FAILURES
    if address:
        yield f"address:{address}", most * PER_ADDRESS
    if account:
        yield _pair(account, address), most
        yield f"account:{_folded(account)}", most * PER_ACCOUNT


def _pair(account: str, address: str) -> str:
    return f"pair:{_folded(account)}:{address}"


def _folded(account: str) -> str:
    return account.strip().casefold()


Counting = Callable[[str, int], tuple[int, float]]


def _either(shared: Counting, here: Counting, key: str) -> tuple[int, float]:
    try:
        return shared(key, settings.LOGIN_WINDOW)
    except counters.Unavailable:
        return here(key, settings.LOGIN_WINDOW)
