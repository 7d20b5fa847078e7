"""The returns of the last hour, which customers may still cancel. What they count earns nothing until then."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CancellableReturn:
    """A return that the counts of an account include. From `until` on no customer can cancel its rental."""

    until: datetime
    on_time: bool


CancellableReturns = tuple[CancellableReturn, ...]


def with_return(returns: CancellableReturns, new: CancellableReturn, at: datetime) -> CancellableReturns:
    """The returns with a new one, without those that nobody can cancel at `at` any more."""
    return (*(one for one in returns if one.until > at), new)


def without_return(returns: CancellableReturns, removed: CancellableReturn) -> CancellableReturns:
    """The returns without one that counts no more. One that is not among them changes nothing."""
    if removed not in returns:
        return returns
    place = returns.index(removed)
    return returns[:place] + returns[place + 1 :]
