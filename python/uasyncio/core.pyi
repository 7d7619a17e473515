from typing import Any

from . import (
    CancelledError as CancelledError,
    Loop as Loop,
    Task as Task,
    TaskQueue as TaskQueue,
    TimeoutError as TimeoutError,
    create_task as create_task,
    current_task as current_task,
    gather as gather,
    get_event_loop as get_event_loop,
    new_event_loop as new_event_loop,
    run as run,
    run_until_complete as run_until_complete,
    sleep as sleep,
    sleep_ms as sleep_ms,
    ticks as ticks,
    wait_for as wait_for,
    wait_for_ms as wait_for_ms,
)

TICKS_PERIOD: int
cur_task: Task[Any] | None
_task_queue: TaskQueue
_io_queue: IOQueue
_exc_context: dict[str, Any]

class IOQueue:
    def queue_read(self, s: Any) -> Any: ...
    def queue_write(self, s: Any) -> Any: ...
    def remove(self, task: Task[Any]) -> None: ...

def ticks_add(ticks: int, delta: int) -> int: ...
def ticks_diff(end: int, start: int) -> int: ...
