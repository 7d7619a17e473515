"""Compares uasyncio with MicroPython's own asyncio on random programs, in virtual time.

    python python/differential --reference CHECKOUT/extmod/asyncio [--count 1000] [--first 0] [--exact]

Each program is performed on both, and must do the same things in the same order at the same times. One that does not is
shrunk and printed. The deliberate differences (mends.py) are told to the reference first, unless it is to be `--exact`.
"""

import argparse
import difflib
import gc
import signal
import sys
import warnings

import mends
import play
import programs
import reference
import uasyncio

LIMIT = 5


class Hang(BaseException):
    """A program has run for too long."""


class Sides:
    """The two that are compared."""

    def __init__(self, theirs):
        self.asyncio = theirs

    def theirs(self, program):
        time = self.asyncio.time
        time.milliseconds = 0
        self.asyncio.new_event_loop()
        return self.play(play.World(self.asyncio, time.ticks_ms, time.block), program)

    def ours(self, program):
        native = uasyncio.core._native
        uasyncio.new_event_loop()
        native.configure(virtual_time=True)
        return self.play(play.World(uasyncio, uasyncio.core.ticks, lambda ms: native.pass_time(ms / 1000)), program)

    def play(self, world, program):
        signal.setitimer(signal.ITIMER_REAL, LIMIT, LIMIT)
        try:
            return play.play(world, program)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def differ(self, program):
        return self.ours(program) != self.theirs(program)


def hang(number, frame):
    raise Hang


def main():
    parser = argparse.ArgumentParser(prog="differential", description=__doc__.splitlines()[0])
    parser.add_argument("--reference", required=True, metavar="FOLDER", help="extmod/asyncio of a MicroPython checkout")
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first one")
    parser.add_argument("--exact", action="store_true", help="count the deliberate differences too")
    options = parser.parse_args()
    theirs = reference.load(options.reference)
    if not options.exact:
        mends.mend(theirs)
    # A program that is forgotten in the middle is closed at some point, and would do things in the next one's loop.
    gc.disable()
    sys.unraisablehook = lambda problem: None
    warnings.simplefilter("ignore", RuntimeWarning)
    signal.signal(signal.SIGALRM, hang)
    sides = Sides(theirs)
    wrong = []
    for seed in range(options.first, options.first + options.count):
        if seed % 100 == 0:
            gc.collect()
        if sides.differ(programs.draw(seed)):
            wrong.append(seed)
    for seed in wrong[:20]:
        program = programs.shrink(programs.draw(seed), sides.differ)
        print(f"seed {seed}:\n{programs.show(program)}\n")
        lines = difflib.unified_diff(sides.theirs(program), sides.ours(program), "theirs", "ours", lineterm="")
        print("\n".join(f"    {line}" for line in lines), end="\n\n")
    print(f"{options.count} programs, {len(wrong)} of them differ")
    return 1 if wrong else 0


sys.exit(main())
