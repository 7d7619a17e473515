from typing import TypeVar

from . import DeadlockError as DeadlockError, _Coro

T = TypeVar("T")

def simulate(coro: _Coro[T], *, seed: int | None = None) -> T: ...
def seconds() -> float: ...
