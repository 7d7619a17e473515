"""What people expect of an extension: tracebacks, signals, threads, errors for wrong arguments."""

import signal
import sys
import threading
import time
import traceback

import pytest
import uasyncio as asyncio


def test_a_traceback_shows_the_scripts_lines():
    async def inner():
        raise ValueError("deep")

    async def middle():
        await asyncio.create_task(inner())

    async def main():
        await asyncio.gather(middle())

    with pytest.raises(ValueError) as caught:
        asyncio.run(main())
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [name for name in names if name in ("main", "middle", "inner")][-1] == "inner"
    assert "main" in names


def test_an_exception_awaited_twice_keeps_the_traceback_of_its_origin():
    async def bad():
        raise ValueError("bad")

    async def main():
        task = asyncio.create_task(bad())
        depths = []
        for _ in range(3):
            try:
                await task
            except ValueError as error:
                depths.append(len(traceback.extract_tb(error.__traceback__)))
        return depths

    assert len(set(asyncio.run(main()))) == 1


# MARK: Signals


def interrupted(run_script, source, signal_after):
    import os
    import subprocess
    from conftest import ENVIRONMENT

    process = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    process.stdout.readline()
    time.sleep(signal_after)
    began = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    return out, err, time.monotonic() - began


IDLE = """
import uasyncio as asyncio
async def other():
    try:
        await asyncio.sleep(100)
    finally:
        print("other's finally", flush=True)
async def main():
    asyncio.create_task(other())
    try:
        await asyncio.sleep(100)
    finally:
        print("main's finally", flush=True)
print("ready", flush=True)
asyncio.run(main())
"""


def test_a_keyboard_interrupt_stops_an_idle_loop_and_runs_finally_blocks(run_script):
    out, err, seconds = interrupted(run_script, IDLE, 0.3)
    assert out == "main's finally\nother's finally\n"
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert "in main" in err
    assert seconds < 5


BUSY = """
import uasyncio as asyncio
async def spin():
    try:
        while True:
            await asyncio.sleep(0)
    finally:
        print("finally", flush=True)
print("ready", flush=True)
try:
    asyncio.run(spin())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_a_keyboard_interrupt_stops_a_busy_loop(run_script):
    out, err, seconds = interrupted(run_script, BUSY, 0.3)
    assert out == "finally\ninterrupted\n"
    assert seconds < 5


def test_finally_blocks_may_await_after_an_interrupt(run_script):
    source = IDLE.replace('print("main\'s finally", flush=True)', 'await asyncio.sleep(0.05); print("slept", flush=True)')
    out, err, _ = interrupted(run_script, source, 0.3)
    assert out.startswith("slept\n")
    assert err.splitlines()[-1] == "KeyboardInterrupt"


def test_a_signal_handler_runs_while_the_loop_sleeps_and_may_use_it():
    async def main():
        event = asyncio.Event()
        before = signal.signal(signal.SIGALRM, lambda number, frame: event.set())
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        try:
            await asyncio.wait_for(event.wait(), 10)
        finally:
            signal.signal(signal.SIGALRM, before)
        return "woken"

    assert asyncio.run(main()) == "woken"


def test_a_signal_handler_wakes_a_loop_that_nothing_else_could(run_script):
    source = """
import asyncio, signal
event = asyncio.Event()
signal.signal(signal.SIGALRM, lambda number, frame: event.set())
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(asyncio.run(event.wait()))
"""
    assert run_script(source).stdout == "True\n"


def test_a_deadlock_in_virtual_time_is_an_error_that_names_who_waits(run_script):
    source = "import asyncio\nasync def main():\n    await asyncio.Event().wait()\nasyncio.run(main())"
    process = run_script(source, "--virtual-time")
    assert process.returncode == 1
    assert "uasyncio.DeadlockError: nothing can run any more, and <Task pending coro=<coroutine object main" in process.stderr


def test_leftover_tasks_stay_silent_at_an_orderly_exit(run_script):
    process = run_script(
        """
import asyncio
async def t():
    try:
        await asyncio.sleep(100)
    finally:
        print("finally")
async def main():
    asyncio.create_task(t())
    await asyncio.sleep(0)
asyncio.run(main())
print("end")
"""
    )
    assert process.stdout == "end\n"
    assert process.stderr == ""


# MARK: Threads


def in_thread(function):
    outcome = []

    def call():
        try:
            outcome.append(function())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    return outcome[0]


def test_other_threads_are_refused_clearly_while_the_loop_runs():
    async def nothing():
        pass

    async def main():
        event, lock = asyncio.Event(), asyncio.Lock()
        await lock.acquire()
        task = asyncio.create_task(nothing())
        coroutines = [nothing(), nothing()]
        attempts = [
            lambda: asyncio.run(coroutines[0]),
            lambda: asyncio.create_task(coroutines[1]),
            event.set,
            lock.release,
            task.cancel,
            asyncio.new_event_loop,
            lambda: event.wait().send(None),
        ]
        answers = [in_thread(attempt) for attempt in attempts]
        for coroutine in coroutines:
            coroutine.close()
        await task
        return answers

    answers = asyncio.run(main())
    assert [type(answer) for answer in answers] == [RuntimeError] * 7
    assert "another thread" in str(answers[0])


def test_a_flag_set_by_another_thread_wakes_a_sleeping_loop():
    async def main():
        flag = asyncio.ThreadSafeFlag()
        for _ in range(100):
            threading.Timer(0.0005, flag.set).start()
            await asyncio.wait_for(flag.wait(), 10)

    asyncio.run(main())


def test_many_threads_may_set_flags_at_once():
    async def main():
        flags, ends = [asyncio.ThreadSafeFlag() for _ in range(3)], []

        def set_often():
            while not ends:
                for flag in flags:
                    flag.set()

        async def wait_often(flag):
            for _ in range(300):
                await flag.wait()

        threads = [threading.Thread(target=set_often) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            await asyncio.wait_for(asyncio.gather(*map(wait_often, flags)), 60)
        finally:
            ends.append(True)
            for thread in threads:
                thread.join()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    try:
        asyncio.run(main())
    finally:
        sys.setswitchinterval(interval)


def test_the_loop_may_run_in_a_thread_when_no_other_runs_it():
    async def main():
        await asyncio.sleep_ms(1)
        return threading.current_thread() is threading.main_thread()

    assert in_thread(lambda: asyncio.run(main())) is False
    assert asyncio.run(main()) is True


def test_other_threads_run_while_the_loop_sleeps():
    async def main():
        done = []
        thread = threading.Thread(target=lambda: done.append(sum(range(1000))))
        thread.start()
        await asyncio.sleep_ms(50)
        return done

    assert asyncio.run(main())


# MARK: Wrong arguments


@pytest.mark.parametrize(
    "call",
    [
        lambda: asyncio.sleep("1"),
        lambda: asyncio.sleep(None),
        lambda: asyncio.sleep_ms([]),
        lambda: asyncio.sleep(),
        lambda: asyncio.sleep(1, 2),
        lambda: asyncio.sleep(seconds=1),
        lambda: asyncio.wait_for(None, "1"),
        lambda: asyncio.wait_for(None),
        lambda: asyncio.gather(return_exception=True),
        lambda: asyncio.create_task(5),
        lambda: asyncio.Task(5),
        lambda: asyncio.Task(),
        lambda: asyncio.Event(1),
        lambda: asyncio.Lock(loop=None),
        lambda: asyncio.TaskQueue().push(5),
        lambda: asyncio.TaskQueue().remove("x"),
        lambda: asyncio.core.run_until_complete(5),
        lambda: asyncio.Loop.set_exception_handler(5),
        lambda: asyncio.Stream(5),
    ],
)
def test_a_wrong_argument_is_a_type_error(call):
    with pytest.raises(TypeError):
        call()


def test_times_that_are_no_numbers_or_out_of_range():
    with pytest.raises(ValueError):
        asyncio.sleep(float("nan"))
    for forever in (float("inf"), 10**30, 1e300):
        with pytest.raises(OverflowError):
            asyncio.sleep(forever)
    for very_long in (10**15, 1e15):
        asyncio.sleep(very_long).close()
    for past in (-(10**30), float("-inf")):
        asyncio.run(asyncio.sleep(past))


def test_a_forgotten_await_is_warned_of():
    async def main():
        with pytest.warns(RuntimeWarning, match="sleep.* was never awaited"):
            asyncio.sleep(1)
        with pytest.warns(RuntimeWarning, match="Event.wait.* was never awaited"):
            asyncio.Event().wait()
        with pytest.warns(RuntimeWarning, match="gather.* was never awaited"):
            asyncio.gather()

    asyncio.run(main())


def test_awaiting_outside_the_loop_is_an_error():
    for awaitable in (asyncio.sleep(1), asyncio.Event().wait(), asyncio.gather()):
        with pytest.raises(RuntimeError, match="no running event loop"):
            awaitable.send(None)
        awaitable.close()


def test_a_future_of_cpythons_asyncio_is_an_error_rather_than_a_hang():
    import asyncio as host

    async def main():
        loop = host.new_event_loop()
        try:
            await loop.create_future()
        finally:
            loop.close()

    with pytest.raises(RuntimeError, match="CPython's asyncio"):
        asyncio.run(main())


def test_new_event_loop_is_refused_inside_a_task():
    async def main():
        asyncio.new_event_loop()

    with pytest.raises(RuntimeError):
        asyncio.run(main())


def test_an_awaitable_cannot_be_awaited_by_two_tasks_at_once():
    async def main():
        sleep = asyncio.sleep_ms(10)

        async def use():
            await sleep

        return await asyncio.gather(use(), use(), return_exceptions=True)

    answers = asyncio.run(main())
    assert answers[0] is None and isinstance(answers[1], RuntimeError)


def test_sleeps_never_end_early():
    async def main():
        early = 0
        for ms in (1, 3, 5) * 5:
            began = time.monotonic()
            await asyncio.sleep_ms(ms)
            early += time.monotonic() - began < ms / 1000
        return early

    assert asyncio.run(main()) == 0


def test_everything_public_has_a_docstring():
    for name in asyncio.__all__:
        assert getattr(asyncio, name).__doc__, name
    for kind in (asyncio.Task, asyncio.Event, asyncio.Lock, asyncio.ThreadSafeFlag, asyncio.TaskQueue, asyncio.Stream):
        for name, member in vars(kind).items():
            if not name.startswith("_") and name != "ioctl":
                assert member.__doc__, (kind, name)


def test_another_interpreter_is_refused(run_script):
    finished = run_script(
        "import uasyncio\n"
        "try:\n    import _interpreters as interpreters\n"
        "except ImportError:\n    import _xxsubinterpreters as interpreters\n"
        "there = interpreters.create()\n"
        "code = 'try:\\n import uasyncio\\nexcept ImportError as error:\\n print(\"refused\", error)'\n"
        "interpreters.run_string(there, code)\n"
        "async def main():\n    return 'here'\n"
        "print(uasyncio.run(main()))\n",
        runner=False,
    )
    assert finished.stdout.startswith("refused "), finished.stderr
    assert finished.stdout.endswith("here\n")
