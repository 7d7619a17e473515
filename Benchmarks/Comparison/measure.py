"""How it is measured: one run of one program, and the rounds over all of them."""

import os
import shutil
import statistics
import subprocess
import sys
import time

NOT_IN_TIME = "not measured in the time that was given"
LIMIT = 90
"""Seconds that one run may take."""


def share_a_processor():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run_once(peer, arguments, limit, on_one_processor=False):
    """Runs a program. Returns what it has printed as numbers, or a message."""
    try:
        result = subprocess.run(
            [str(word) for word in peer.command + arguments], capture_output=True, text=True, timeout=limit,
            env=os.environ | peer.environment, stdin=subprocess.DEVNULL,
            preexec_fn=share_a_processor if on_one_processor else None)
    except subprocess.TimeoutExpired:
        return f"more than {limit} s"
    if result.returncode != 0:
        said = result.stderr.strip() or result.stdout.strip() or f"ended with {result.returncode}"
        return said.splitlines()[-1]
    return {name: int(number) for name, number in (word.split("=") for word in result.stdout.split())}


class Progress:
    """A line on the terminal that says how far it is; where there is no terminal, a line now and then."""

    def __init__(self, total):
        self.total, self.done, self.began, self.said = total, 0, time.monotonic(), 0

    def step(self, text):
        self.done += 1
        passed = time.monotonic() - self.began
        line = f"{self.done}/{self.total}  {passed:.0f} s  {text}"
        if sys.stderr.isatty():
            room = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:room]}", end="" if self.done < self.total else "\n", file=sys.stderr, flush=True)
        elif passed - self.said > 10 or self.done == self.total:
            self.said = passed
            print(line, file=sys.stderr, flush=True)


class Samples:
    """What the runs of one scenario with one peer gave, each for one operation, in nanoseconds."""

    def __init__(self):
        self.runs = []
        self.message = None

    def add(self, outcome):
        if isinstance(outcome, str):
            self.message = outcome
        else:
            self.runs.append(outcome)

    def summary(self, what):
        if not self.runs:
            return {"message": self.message or NOT_IN_TIME}
        result = {"operations": self.runs[0]["operations"], "rounds": len(self.runs)}
        for kind in ("cpu", "wall"):
            each = sorted(run[kind] / run["operations"] for run in self.runs)
            result[kind] = {"min": each[0], "median": statistics.median(each), "max": each[-1]}
        result["ns"] = result[what]["min"]
        if "bytes" in self.runs[0]:
            result["bytes"] = statistics.median(run["bytes"] for run in self.runs)
        return result


def is_due(scenario, peer, round_number):
    """Whether the peer takes part in this round: heavy scenarios have fewer, and slow peers do them once."""
    if peer.only_hello or scenario.program_name in peer.leaves_out:
        return False
    if not scenario.is_heavy:
        return True
    return round_number < (1 if peer.is_slow else 2)


def measure(scenarios, peers, options, rounds):
    """Runs everything, interleaved: in each round, each scenario once with each peer, one after the other.

    Heavy ones come a round later, and those of slow peers two. When the time is up, all is left out that is missing, but
    the first round is whole.
    """
    samples = {(scenario.key, peer.name): Samples() for scenario in scenarios for peer in peers}
    plan = [
        (number + scenario.is_heavy * (1 + peer.is_slow), scenario, peer)
        for number in range(rounds) for scenario in scenarios for peer in peers if is_due(scenario, peer, number)]
    plan.sort(key=lambda entry: (entry[0], entry[1].is_heavy))
    progress = Progress(len(plan))
    for number, scenario, peer in plan:
        if number > 0 and options.minutes and time.monotonic() - progress.began > 60 * options.minutes:
            print("the time is up", file=sys.stderr)
            break
        mine = samples[scenario.key, peer.name]
        progress.step(f"{scenario.title}: {peer.name}")
        # What has failed or taken too long once is not tried again.
        if mine.message is None:
            arguments = scenario.arguments(peer.is_slow, options.divide, options.quick)
            mine.add(run_once(peer, arguments, options.limit, scenario.on_one_processor))
    return {
        scenario.key: {
            peer.name: samples[scenario.key, peer.name].summary(scenario.time) for peer in peers
            if not peer.only_hello and scenario.program_name not in peer.leaves_out}
        for scenario in scenarios}
