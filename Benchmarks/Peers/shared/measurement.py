"""The stopwatch, the random numbers and the line that is printed: the same in each language. Shared by the peers in Python."""

import os
import sys
import time


class Measurement:
    """What a scenario has to say; a stopwatch as a context manager, which adds up."""

    def __init__(self):
        self.operations = self.wall = self.cpu = 0
        self.bytes = None

    def __enter__(self):
        self.started = time.perf_counter_ns(), time.process_time_ns()
        return self

    def __exit__(self, *_):
        self.cpu += time.process_time_ns() - self.started[1]
        self.wall += time.perf_counter_ns() - self.started[0]

    def __str__(self):
        line = f"operations={self.operations} wall={self.wall} cpu={self.cpu}"
        return line if self.bytes is None else f"{line} bytes={self.bytes}"


def resident_bytes():
    """The bytes of this process that are in memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def random_numbers():
    """The same numbers in each language."""
    state = 1
    while True:
        state = state * 48_271 % 2_147_483_647
        yield state


def main(scenarios, run):
    """Runs the scenario that the command line names: `run` is called with a function that makes its coroutine."""
    if len(sys.argv) < 3 or sys.argv[1] not in scenarios:
        sys.exit(f"expected: {'|'.join(scenarios)} COUNT [PARAMETER]")
    parameters = [int(argument) for argument in sys.argv[2:]]
    measurement = Measurement()
    scenario = scenarios[sys.argv[1]]

    async def measure():
        await scenario(measurement, *parameters)
        # Tasks that still wait are not worth taking apart.
        print(measurement, flush=True)
        os._exit(0)

    run(measure)
