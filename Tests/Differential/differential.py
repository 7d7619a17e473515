"""Runs random programs on CPython's asyncio and on swift-uasyncio, both in virtual time, and compares what comes of
them.

    differential.py PRODUCT [COUNT [FIRST_SEED]] [--shrink]

PRODUCT is the built executable `DifferentialPrograms`; Scripts/check-differential builds it and calls this.

language.py says what a program is, generator.py draws one, operations.py and reference.py run it on asyncio, Swift/
runs it on swift-uasyncio. deviations.py names what the two do differently on purpose.
"""

import argparse
import collections
import multiprocessing
import subprocess
import sys
import tempfile

import deviations
import generator
import language
import reference
import shrink

TIME_LIMIT = 300
# How many programs one process runs.
CHUNK = 100


class SwiftSide:
    """The executable that runs programs on swift-uasyncio, at work on some of them."""

    def __init__(self, product, programs):
        self.count = len(programs)
        self.files = [tempfile.TemporaryFile("w+") for _ in range(3)]
        programs_file, said, complaints = self.files
        programs_file.writelines(language.render(program) + "\n" for program in programs)
        programs_file.seek(0)
        self.process = subprocess.Popen([product], stdin=programs_file, stdout=said, stderr=complaints)

    def outcomes(self):
        """What came of each program. If the executable ended early, the last outcome says how."""
        try:
            complaint = f"ended with status {self.process.wait(TIME_LIMIT)}"
        except subprocess.TimeoutExpired:
            self.process.kill()
            complaint = f"hung for {TIME_LIMIT} s"
        _, said, complaints = self.files
        said.seek(0)
        complaints.seek(0)
        outcomes = [line.rstrip("\n").split("\t") for line in said]
        if len(outcomes) < self.count:
            outcomes.append([f"the Swift side {complaint}: {complaints.read()[:2000]}"])
        for file in self.files:
            file.close()
        return outcomes[: self.count]


def expectation(program):
    """What has to come of a program, and the names of the deviations by which that is not what CPython makes of it."""
    pure = reference.Execution(program).run()
    expected = deviations.Deviating(program).run()
    if expected == pure:
        return expected, []
    names = [name for name in deviations.REASONS if deviations.Deviating(program, {name}).run() != pure]
    return expected, names or ["several together"]


def run_both(product_and_seeds):
    """For each seed: the program, what has to come of it, the deviations in that, and what did come of it."""
    product, seeds = product_and_seeds
    programs = [generator.Generator(seed).program() for seed in seeds]
    swift = SwiftSide(product, programs)
    expectations = [expectation(program) for program in programs]
    return [(program, *each, actual) for program, each, actual in zip(programs, expectations, swift.outcomes())]


def report(program, expected, names, actual):
    print(f"MISMATCH: program {program[1]}")
    print(language.readable(program))
    for line in list(dict.fromkeys(expected + actual)):
        side = "both    " if line in expected and line in actual else "expected" if line in expected else "Swift   "
        print(f"  {side} {line}")
    if names:
        print(f"expected is CPython with the deviations: {', '.join(names)}")
    print(f"repeat it with: Scripts/check-differential 1 {program[1]}")
    print(f"make it smaller with: Scripts/check-differential 1 {program[1]} --shrink")


class Tally:
    """Counts what was compared."""

    def __init__(self):
        self.compared = self.pure = self.mismatches = 0
        self.operations, self.deviations, self.ends = (collections.Counter() for _ in range(3))

    def add(self, program, expected, names, actual):
        self.compared += 1
        self.pure += not names
        self.ends[expected[0]] += 1
        self.deviations.update(names)
        self.operations.update(
            part[0] for part in language.walk(program) if part[0] in OPERATIONS or part[0].startswith("catch-")
        )
        if expected != actual:
            self.mismatches += 1
            if self.mismatches <= 3:
                report(program, expected, names, actual)

    def summary(self, programs):
        yield f"differential: {self.compared} of {programs} programs compared, {self.mismatches} mismatches"
        version = sys.version.split()[0]
        yield f"  {self.pure} with CPython {version} as it is, {self.compared - self.pure} with deviations:"
        for name in [*deviations.REASONS, "several together"]:
            yield f"    {self.deviations[name]:7} {name}"
        yield "  ends: " + ", ".join(f"{number} {end}" for end, number in sorted(self.ends.items()))
        yield "  operations: " + ", ".join(f"{number} {name}" for name, number in sorted(self.operations.items()))


OPERATIONS = {
    name.removeprefix("do_").replace("_", "-") for name in dir(reference.Execution) if name.startswith("do_")
} | {"try", "finally", "return"}


def compare(product, seeds):
    chunks = [(product, seeds[start : start + CHUNK]) for start in range(0, len(seeds), CHUNK)]
    tally = Tally()
    with multiprocessing.Pool() as pool:
        for rows in pool.imap(run_both, chunks):
            for row in rows:
                tally.add(*row)
    print("\n".join(tally.summary(len(seeds))))
    return tally.mismatches == 0 and tally.compared == len(seeds)


def make_smaller(product, seed):
    def fails(programs):
        # One at a time: a program that crashes must not hide the others.
        return [SwiftSide(product, [program]).outcomes()[0] != expectation(program)[0] for program in programs]

    program = generator.Generator(seed).program()
    if not fails([program])[0]:
        print(f"program {seed} does not fail")
        return
    program = shrink.shrink(program, fails)
    expected, names = expectation(program)
    report(program, expected, names, SwiftSide(product, [program]).outcomes()[0])


def main():
    parser = argparse.ArgumentParser(prog="Scripts/check-differential")
    parser.add_argument("product", help=argparse.SUPPRESS)
    parser.add_argument("count", type=int, nargs="?", default=5000, help="how many programs (5000)")
    parser.add_argument("first", type=int, nargs="?", default=0, help="the first one's seed (0)")
    parser.add_argument("--shrink", action="store_true", help="make the first program smaller as long as it fails")
    arguments = parser.parse_args()
    if arguments.shrink:
        make_smaller(arguments.product, arguments.first)
        return 1
    return 0 if compare(arguments.product, range(arguments.first, arguments.first + arguments.count)) else 1


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or later is needed, for `timeout` and `TaskGroup`; this is {sys.version.split()[0]}")
    sys.exit(main())
