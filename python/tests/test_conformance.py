"""Each script in `conformance/` prints what its `.out` says, in real and in virtual time.

A script with an `.err` beside it ends with status 1, and that is the last line of what it says on the error stream. The
scripts in `manual/` are the manual's, byte for byte.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ENVIRONMENT

FOLDER = Path(__file__).resolve().parent.parent / "conformance"
SCRIPTS = sorted(FOLDER.glob("*/*.py"))
# How long the manual's scripts sleep, in real time.
SECONDS = {"wait_for": 7, "gather": 7}


def check(script, *options):
    process = subprocess.run(
        [sys.executable, "-m", "uasyncio", *options, str(script)],
        capture_output=True, text=True, timeout=60, env=ENVIRONMENT,
    )
    assert process.stdout.replace(str(script), "SCRIPT") == script.with_suffix(".out").read_text(), process.stderr
    error = script.with_suffix(".err")
    if error.exists():
        assert process.returncode == 1
        assert process.stderr.splitlines()[-1] == error.read_text().strip()
    else:
        assert process.returncode == 0, process.stderr
    return process


def test_there_are_more_than_a_hundred():
    assert len(SCRIPTS) > 100
    assert all(script.with_suffix(".out").exists() for script in SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}")
def test_prints_what_it_should_in_virtual_time(script):
    check(script, "--virtual-time")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}")
def test_prints_what_it_should_in_real_time(script):
    check(script)


def test_the_manual_takes_no_time_in_virtual_time():
    import time

    for name in SECONDS:
        began = time.monotonic()
        check(FOLDER / "manual" / f"{name}.py", "--virtual-time")
        assert time.monotonic() - began < SECONDS[name]
