"""What is compared: the scenarios, how often each is done, and what counts in it.

What a scenario does is said in the programs: Benchmarks/Sources/Scenarios has the words.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    title: str
    program_name: str
    count: int
    """How many operations, for compiled peers."""
    parameter: int | None = None
    slow_count: int | None = None
    """How many for the peers in Python; a twentieth of `count` if nothing is said."""
    time: str = "cpu"
    """What counts: the processor's time (of all threads of the process), or the clock's on the wall."""
    series: tuple[str, int] | None = None
    """The slope that this is a point of, and where: (name, number of tasks or timers)."""
    is_heavy: bool = False
    """Whether it takes seconds: done in fewer rounds, and once by the peers in Python."""
    on_one_processor: bool = False
    """Whether all its threads share a processor. Otherwise the system places them, and waking one that sleeps on another
    processor costs what the machine wants for it."""

    @property
    def key(self):
        key = self.program_name if self.parameter is None else f"{self.program_name}-{self.parameter}"
        return key + "-together" if self.on_one_processor else key

    def arguments(self, is_slow, divisor, is_smoke):
        count = self.count if not is_slow else self.slow_count or self.count // 20
        parameter = self.parameter
        if is_smoke and parameter is not None and self.program_name != "timers":
            # Fewer of what there is many of, too.
            parameter = min(parameter, 1000)
        if not self.is_heavy or is_smoke:
            least = 1000 if self.program_name in ("sleepAmong", "timers") else parameter or 1
            count = max(count // divisor, least)
        return [self.program_name, str(count)] + ([] if parameter is None else [str(parameter)])


MILLION = 1_000_000

SCENARIOS = [
    Scenario("task switch, 1 task", "switch", 3 * MILLION, 1),
    Scenario("task switch, 100 tasks", "switch", 3 * MILLION, 100, series=("switch", 100)),
    Scenario("task switch, 10,000 tasks", "switch", 3 * MILLION, 10_000, series=("switch", 10_000)),
    Scenario("task switch, 1,000,000 tasks", "switch", 5 * MILLION, MILLION, 2 * MILLION, series=("switch", MILLION), is_heavy=True),
    Scenario("spawn and join", "spawn", 400_000),
    Scenario("create parked tasks, 100 at once", "parked", 200_000, 100, series=("parked", 100)),
    Scenario("create parked tasks, 10,000 at once", "parked", 200_000, 10_000, 20_000, series=("parked", 10_000)),
    Scenario("create parked tasks, 100,000 at once", "parked", 100_000, 100_000, 100_000),
    Scenario("create parked tasks, 1,000,000 at once", "parked", MILLION, MILLION, MILLION, series=("parked", MILLION), is_heavy=True),
    Scenario("sleep and wake, 1,000,000 timers of random length", "timers", MILLION, 2000, MILLION, is_heavy=True),
    Scenario("sleep among 100 sleepers", "sleepAmong", 200_000, 100, series=("sleepAmong", 100)),
    Scenario("sleep among 10,000 sleepers", "sleepAmong", 200_000, 10_000, series=("sleepAmong", 10_000)),
    Scenario("sleep among 1,000,000 sleepers", "sleepAmong", 200_000, MILLION, series=("sleepAmong", MILLION), is_heavy=True),
    Scenario("cancel sleeping tasks, 100 at once", "cancel", 100_000, 100, series=("cancel", 100)),
    Scenario("cancel sleeping tasks, 10,000 at once", "cancel", 100_000, 10_000, 10_000, series=("cancel", 10_000)),
    Scenario("cancel sleeping tasks, 100,000 at once", "cancel", 100_000, 100_000, 100_000),
    Scenario("cancel sleeping tasks, 1,000,000 at once", "cancel", MILLION, MILLION, MILLION, series=("cancel", MILLION), is_heavy=True),
    Scenario("event wakes 10,000 waiters", "eventWake", MILLION, 10_000, 50_000),
    Scenario("contended lock, 100 tasks", "lock", MILLION, 100),
    Scenario("bounded queue, producer and consumer", "queue", 2 * MILLION, 16),
    Scenario("gather of 1,000", "gather", 400_000, 1000),
    Scenario("waitFor that completes", "waitFor", 200_000),
    Scenario("waitFor that times out", "waitForTimeout", 100_000, 1000),
    Scenario("wake-up from another thread, there and back; on one processor", "crossThreadLatency", 40_000, time="wall", slow_count=5000, on_one_processor=True),
    Scenario("the same; where the system puts them", "crossThreadLatency", 40_000, time="wall", slow_count=5000),
    Scenario("messages from another thread; on one processor", "crossThreadThroughput", 4 * MILLION, time="wall", slow_count=25_000, on_one_processor=True),
    Scenario("the same; where the system puts them", "crossThreadThroughput", 4 * MILLION, time="wall", slow_count=25_000),
]

FLOORS = [
    Scenario("a bare `swift_task_suspend`", "bareSuspend", 3 * MILLION),
    Scenario("a bare hop to a parking executor", "bareHop", 3 * MILLION),
]
"""What a suspension costs on Swift's runtime without any library: only our program has them."""
