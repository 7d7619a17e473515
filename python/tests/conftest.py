import os
import subprocess
import sys

import pytest

# Tests run scripts in processes of their own, which must find the same package.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

# Programs that are not Python have no use for a sanitizer's library.
PLAIN_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


@pytest.fixture
def run_script(tmp_path):
    """Runs source, or a file, under `python -m uasyncio`, and returns the finished process."""

    def run(source, *options, arguments=(), timeout=60, runner=True):
        script = tmp_path / "script.py"
        script.write_text(source)
        words = ["-m", "uasyncio", *options] if runner else []
        return subprocess.run(
            [sys.executable, *words, str(script), *arguments],
            capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT, cwd=tmp_path,
        )

    return run


@pytest.fixture(autouse=True)
def fresh_loop():
    """Each test begins and ends with a loop that knows no tasks."""
    import uasyncio

    uasyncio.core._native.configure()
    yield
    uasyncio.new_event_loop()
    uasyncio.core.Loop.set_exception_handler(None)
    uasyncio.core._native.configure()
