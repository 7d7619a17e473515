"""Each script in `conformance/` prints what its `.out` says: in virtual time, and in real time those that do not hang on
a few milliseconds, which a busy machine may take away at any moment.

A script with an `.err` beside it ends with status 1, and that is the last line of what it says on the error stream. The
scripts in `manual/` are the manual's, byte for byte.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ENVIRONMENT

FOLDER = Path(__file__).resolve().parent.parent / "conformance"
SCRIPTS = sorted(FOLDER.glob("*/*.py"))


# A time that is neither zero nor long.
SHORT = re.compile(
    r"sleep(_ms)?\([a-z]|(sleep_ms|wait_for_ms|sleep|wait_for)\(.*\b(0\.\d|[1-9]\d*)|ticks_ms|run\(main\(\d+\)\)"
)


def is_timed(script):
    return script.parent.name != "manual" and bool(SHORT.search(script.read_text().replace("sleep(10)", "")))


def start(script, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "uasyncio", *options, str(script)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )


def check(script, process):
    said, complained = process.communicate(timeout=120)
    assert said.replace(str(script), "SCRIPT") == script.with_suffix(".out").read_text(), complained
    error = script.with_suffix(".err")
    if error.exists():
        assert process.returncode == 1
        assert complained.splitlines()[-1] == error.read_text().strip()
    else:
        assert process.returncode == 0, complained


def test_there_are_more_than_a_hundred():
    assert len(SCRIPTS) > 100
    assert all(script.with_suffix(".out").exists() for script in SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}")
def test_prints_what_it_should(script):
    virtual = start(script, "--virtual-time")
    # Those with sockets would both want the same port.
    if script.parent.name == "streams":
        virtual.wait(120)
    real = None if is_timed(script) else start(script)
    check(script, virtual)
    if real:
        check(script, real)


def test_the_manual_takes_no_time_in_virtual_time():
    for name in ("wait_for", "gather"):
        script = FOLDER / "manual" / f"{name}.py"
        began = time.monotonic()
        check(script, start(script, "--virtual-time"))
        assert time.monotonic() - began < 7
