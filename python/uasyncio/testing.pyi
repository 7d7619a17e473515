from typing import TypeVar

from . import _Coro

T = TypeVar("T")

class DeadlockError(AssertionError): ...

def simulate(coro: _Coro[T], *, seed: int | None = None) -> T: ...
def seconds() -> float: ...
