"""Random programs, in many orders: locks exclude, nothing is lost, nobody is forgotten, and a seed tells the whole story."""

import gc
import random

import pytest
import uasyncio as asyncio
from uasyncio.testing import simulate

# A coroutine whose task is cancelled before its first step is never awaited.
pytestmark = pytest.mark.filterwarnings("ignore:.*was never awaited:RuntimeWarning")


class World:
    """What the tasks of a random program share."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.log = []
        self.lock = asyncio.Lock()
        self.event = asyncio.Event()
        self.flag = asyncio.ThreadSafeFlag()
        self.queue = asyncio.TaskQueue()
        self.holders = 0
        self.tasks = []
        self.unfinished = 0


async def act(world, name, depth):
    """Does a few things at random; returns its name, unless something goes wrong on the way."""
    world.unfinished += 1
    try:
        for _ in range(world.random.randrange(1, 5)):
            world.log.append(name)
            await world.random.choice(ACTIONS)(world, name, depth)
        return name
    finally:
        world.unfinished -= 1


async def sleep(world, name, depth):
    await asyncio.sleep_ms(world.random.choice((0, 0, 1, 2, 2.5, 50)))


async def take_lock(world, name, depth):
    async with world.lock:
        world.holders += 1
        assert world.holders == 1
        try:
            await asyncio.sleep_ms(world.random.randrange(3))
        finally:
            world.holders -= 1


async def wait_event(world, name, depth):
    try:
        await asyncio.wait_for_ms(world.event.wait(), world.random.randrange(20))
    except asyncio.TimeoutError:
        pass


async def set_event(world, name, depth):
    world.event.set()
    if world.random.random() < 0.5:
        world.event.clear()


async def wait_flag(world, name, depth):
    try:
        await asyncio.wait_for_ms(world.flag.wait(), world.random.randrange(20))
    except asyncio.TimeoutError:
        pass


async def set_flag(world, name, depth):
    world.flag.set()


async def children(world, name, depth):
    if depth < 3:
        parts = [act(world, f"{name}.{n}", depth + 1) for n in range(world.random.randrange(4))]
        answers = await asyncio.gather(*parts, return_exceptions=True)
        for n, answer in enumerate(answers):
            assert answer == f"{name}.{n}" or isinstance(answer, (Trouble, asyncio.CancelledError)), answer


async def limited_child(world, name, depth):
    if depth < 3:
        try:
            assert await asyncio.wait_for_ms(act(world, name + "!", depth + 1), world.random.randrange(30)) == name + "!"
        except (asyncio.TimeoutError, Trouble):
            pass


async def cancel_somebody(world, name, depth):
    task = world.random.choice(world.tasks)
    try:
        task.cancel()
    except RuntimeError:
        assert task is asyncio.current_task()


async def join_somebody(world, name, depth):
    try:
        await asyncio.wait_for_ms(world.random.choice(world.tasks), 10)
    except (asyncio.TimeoutError, Trouble, RuntimeError):
        pass


async def nested_run(world, name, depth):
    if depth < 2:
        try:
            assert asyncio.run(act_quietly(world, name + "+", depth + 1)) in (name + "+", "trouble")
        except asyncio.DeadlockError:
            # It waits for what this very task holds, and can only go on afterwards.
            pass


async def act_quietly(world, name, depth):
    try:
        return await act(world, name, depth)
    except (Trouble, asyncio.CancelledError):
        return "trouble"


async def move_in_queue(world, name, depth):
    queue = asyncio.core._task_queue
    task = queue.peek()
    if task is not None and not task.done():
        time = task.ph_key
        queue.remove(task)
        queue.push(task, time)


async def fail(world, name, depth):
    if world.random.random() < 0.2:
        raise Trouble(name)


class Trouble(Exception):
    """What goes wrong in a random program."""


ACTIONS = [
    sleep, sleep, take_lock, wait_event, set_event, wait_flag, set_flag, children, limited_child, cancel_somebody,
    join_somebody, nested_run, move_in_queue, fail,
]


async def program(world):
    world.tasks = [asyncio.create_task(act(world, str(n), 0)) for n in range(8)]
    answers = []
    for task in world.tasks:
        try:
            answers.append(await task)
        except (Trouble, asyncio.CancelledError) as error:
            answers.append(repr(error))
    # Those that were left behind by cancelled gatherings and time limits come to their end too.
    await asyncio.sleep(10)
    return answers


def play(seed, order):
    world = World(seed)
    asyncio.core.Loop.set_exception_handler(lambda loop, context: None)
    asyncio.core._native.configure(virtual_time=True, seed=order)
    answers = asyncio.run(program(world))
    asyncio.new_event_loop()
    assert world.unfinished == 0
    assert not world.lock.locked() and world.holders == 0
    return answers, world.log


@pytest.mark.parametrize("block", range(10))
def test_random_programs(block):
    for seed in range(block * 100, block * 100 + 100):
        play(seed, None)
        play(seed, seed)


def test_the_collector_may_run_at_any_step():
    asyncio.core._native.set_tracer(lambda time, task, reason: gc.collect(1))
    try:
        for seed in range(60):
            play(seed, seed)
    finally:
        asyncio.core._native.set_tracer(None)


def test_the_same_seed_is_the_same_run():
    for seed in range(50):
        assert play(seed, 5) == play(seed, 5)


def test_other_seeds_are_other_runs():
    assert len({str(play(1, order)[1]) for order in range(10)}) > 1


def test_a_deadlock_is_named_in_a_simulation():
    async def main():
        await asyncio.Event().wait()

    with pytest.raises(asyncio.DeadlockError, match="nothing can run any more"):
        simulate(main())
