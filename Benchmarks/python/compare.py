"""Nanoseconds for each operation on uasyncio, CPython's asyncio and uvloop, side by side.

    pip install ./python uvloop
    python Benchmarks/python/compare.py [--rounds 5] [SCENARIO …]

The loops take turns, each scenario in a process of its own, and the best of the rounds counts: on a machine that others
use too, the best is what was least disturbed.
"""

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

SCENARIOS = [
    "switch", "spawn and join", "10,000 timers", "event wake", "lock", "gather of 1,000", "wait_for",
    "echo, 1 connection", "echo, 50 connections",
]


def measure(loop, scenario):
    script = Path(__file__).with_name("scenarios.py")
    answer = subprocess.run([sys.executable, script, loop, scenario], capture_output=True, text=True, timeout=120)
    if answer.returncode:
        sys.exit(answer.stderr)
    return float(answer.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS)
    options = parser.parse_args()
    loops = ["uasyncio", "asyncio"] + ["uvloop"] * (importlib.util.find_spec("uvloop") is not None)
    print(f"{'ns for each operation':24}" + "".join(f"{loop:>12}" for loop in loops) + "   times faster")
    for scenario in options.scenarios:
        best = {loop: float("inf") for loop in loops}
        for _ in range(options.rounds):
            for loop in loops:
                best[loop] = min(best[loop], measure(loop, scenario))
        ratios = "  ".join(f"{best[loop] / best['uasyncio']:5.1f} {loop}" for loop in loops[1:])
        print(f"{scenario:24}" + "".join(f"{best[loop]:12,.0f}" for loop in loops) + "   " + ratios, flush=True)


if __name__ == "__main__":
    main()
