"""`python -m uasyncio`: options, arguments, exit status, what is printed, and which imports find what."""

import pytest

TASKS = """
import asyncio
async def t(n):
    await asyncio.sleep(n)
    print(n)
async def main():
    await asyncio.gather(t(3), t(1), t(2))
asyncio.run(main())
"""


def test_virtual_time_takes_no_time(run_script):
    process = run_script(TASKS.replace("sleep(n)", "sleep(n * 3600)"), "--virtual-time")
    assert process.stdout == "1\n2\n3\n"


SHUFFLED = """
import asyncio
async def t(n):
    for _ in range(3):
        print(n, end=" ")
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(*[t(n) for n in range(5)])
asyncio.run(main())
"""


def test_a_seed_gives_an_order_that_is_the_same_each_time(run_script):
    orders = [run_script(SHUFFLED, "--virtual-time", "--seed", seed).stdout for seed in ("1", "1", "2")]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0].split()) == sorted(str(n) for n in range(5) for _ in range(3))


def test_a_trace_names_each_step_and_its_reason(run_script):
    process = run_script(TASKS, "--virtual-time", "--trace")
    lines = [line.split() for line in process.stderr.splitlines()]
    assert lines[0] == ["0.000000", "main", "started"]
    assert ["1.000000", "t", "deadline"] in lines
    assert lines[-1] == ["3.000000", "main", "event"]


def test_ticks_under_virtual_time_are_the_same_in_each_run(run_script):
    source = "import asyncio, time\nasyncio.run(asyncio.sleep(1.5))\ntime.sleep_ms(250)\nprint(time.ticks_ms())"
    assert run_script(source, "--virtual-time").stdout == "1750\n"


def test_the_calendar_under_virtual_time_begins_with_the_year_2000(run_script):
    source = "import time, utime\ntime.sleep(86400)\nprint(time.gmtime()[:3], utime.time())"
    assert run_script(source, "--virtual-time").stdout == "(2000, 1, 2) 946771200.0\n"


def test_blocking_under_virtual_time_passes_the_time_of_others(run_script):
    source = """
import asyncio, time
async def t():
    await asyncio.sleep(1)
    print("t", time.ticks_ms())
async def main():
    task = asyncio.create_task(t())
    await asyncio.sleep(0)
    time.sleep(5)
    print("main", time.ticks_ms())
    await task
asyncio.run(main())
"""
    assert run_script(source, "--virtual-time").stdout == "main 5000\nt 5000\n"


def test_the_script_finds_its_arguments_and_its_neighbours(run_script, tmp_path):
    (tmp_path / "neighbour.py").write_text("import asyncio\nname = asyncio.__name__")
    (tmp_path / "other.py").write_text("value = 5")
    source = "import sys, neighbour\nfrom usr import other\nprint(sys.argv[1:], neighbour.name, other.value, __name__)"
    process = run_script(source, arguments=["-x", "y"])
    assert process.stdout == "['-x', 'y'] uasyncio 5 __main__\n"


def test_a_package_called_usr_of_the_projects_own_goes_on_working(run_script, tmp_path):
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr/mine.py").write_text("value = 6")
    source = "from usr import mine, uasyncio\nimport usr.uasyncio as other\nprint(mine.value, uasyncio is other)"
    assert run_script(source).stdout == "6 True\n"
    (tmp_path / "usr/__init__.py").write_text("")
    assert run_script(source).stdout == "6 True\n"


def test_the_exit_status_is_the_scripts(run_script):
    assert run_script("import sys\nsys.exit(7)").returncode == 7
    assert run_script("raise ValueError").returncode == 1
    assert run_script("pass").returncode == 0


def test_a_traceback_has_only_the_scripts_own_lines(run_script):
    source = "import asyncio\nasync def main():\n    raise ValueError('x')\nasyncio.run(main())\n"
    lines = run_script(source).stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert [line.split(", ")[1] for line in lines if line.startswith("  File")] == ["line 4", "line 3"]
    assert lines[-1] == "ValueError: x"


def test_missing_hardware_is_named(run_script):
    process = run_script("import machine")
    assert "No module named 'machine': it is for pins, buses and timers" in process.stderr
    assert "machine.py" in process.stderr


def test_a_stand_in_for_hardware_is_found(run_script, tmp_path):
    (tmp_path / "machine.py").write_text("class Pin: pass")
    assert run_script("import machine\nprint(machine.Pin.__name__)").stdout == "Pin\n"


def test_a_script_that_cannot_be_read_is_an_error(run_script):
    import subprocess
    import sys

    process = subprocess.run([sys.executable, "-m", "uasyncio", "/nowhere.py"], capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr == "python -m uasyncio: cannot read /nowhere.py: No such file or directory\n"


def test_the_script_may_come_from_the_standard_input():
    import subprocess
    import sys

    process = subprocess.run(
        [sys.executable, "-m", "uasyncio", "-"], input="import asyncio\nprint(asyncio.__version__)",
        capture_output=True, text=True,
    )
    assert process.stdout == "(3, 0, 0)\n"


@pytest.mark.parametrize("module", ["unittest", "concurrent.futures", "socketserver", "http.server", "urllib.request"])
def test_the_standard_library_keeps_cpythons_modules(run_script, module):
    source = f"import asyncio, time, select, socket\nimport {module}\nimport sys\nprint(sys.modules.get('asyncio') is asyncio)"
    assert run_script(source).stdout == "False\n"


def test_the_hosts_asyncio_still_runs_in_the_standard_library(run_script):
    source = """
import unittest
class T(unittest.IsolatedAsyncioTestCase):
    async def test(self):
        import sys
        await sys.modules["asyncio"].sleep(0.001)
unittest.main()
"""
    process = run_script(source)
    assert process.returncode == 0, process.stderr
    assert "OK" in process.stderr


def test_micropython_schedule_runs_out_of_the_loops_sleep(run_script):
    source = """
import asyncio, micropython, threading
async def main():
    event = asyncio.Event()
    threading.Timer(0.02, lambda: micropython.schedule(lambda x: (print(x), event.set()), 5)).start()
    await event.wait()
asyncio.run(main())
"""
    assert run_script(source).stdout == "5\n"


def test_a_scheduled_function_may_schedule_itself_while_nothing_else_runs(run_script):
    source = """
import asyncio, micropython, time
event = asyncio.Event()
end = time.ticks_add(time.ticks_ms(), 50)
def watch(_):
    if time.ticks_diff(end, time.ticks_ms()) <= 0:
        event.set()
    else:
        micropython.schedule(watch, None)
async def main():
    watch(None)
    await event.wait()
    print("woken")
asyncio.run(main())
"""
    assert run_script(source).stdout == "woken\n"


def test_without_the_runner_nothing_of_cpythons_changes(run_script):
    source = """
import time, sys
import uasyncio
import asyncio
from usr import uasyncio as other
print(asyncio is not uasyncio, other is uasyncio, hasattr(time, "ticks_ms"), hasattr(sys, "print_exception"))
async def main():
    await uasyncio.sleep_ms(1)
    return 3
async def theirs():
    await asyncio.sleep(0.001)
    return 4
print(uasyncio.run(main()), asyncio.run(theirs()))
"""
    assert run_script(source, runner=False).stdout == "True True False False\n3 4\n"


def test_a_package_may_load_its_modules_late_as_on_a_device(run_script, tmp_path):
    package = tmp_path / "parts"
    package.mkdir()
    package.joinpath("__init__.py").write_text(
        "def __getattr__(name):\n"
        "    value = getattr(__import__({'Gate': 'gate'}[name], None, None, True, 1), name)\n"
        "    globals()[name] = value\n"
        "    return value\n"
    )
    package.joinpath("gate.py").write_text(
        "import asyncio\n"
        "class Gate:\n"
        "    def __await__(self):\n"
        "        await asyncio.sleep_ms(1)\n"
        "        return 'open'\n"
    )
    source = "import asyncio\nfrom parts import Gate\nasync def main():\n    print(await Gate())\nasyncio.run(main())\n"
    for _ in range(2):
        assert run_script(source).stdout == "open\n"
    # CPython itself finds nothing of the dialect's in what was cached.
    assert not list(package.glob("__pycache__/gate.*"))
