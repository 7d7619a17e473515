"""Performs a program on one asyncio or the other, and writes down what happens."""

import types

END = 20_000
ROUND = 5_000


class Hopeless(BaseException):
    """A main coroutine does not end, however often it is cancelled."""


class World:
    """What the tasks of a program share, and the log of what they do."""

    def __init__(self, asyncio, now, block):
        self.asyncio, self.now, self.block = asyncio, now, block
        self.log = []
        self.tasks = {}
        # The names that were given out: what is repeated makes its tasks and parts only once.
        self.used = set()
        self.events = [asyncio.Event(), asyncio.Event()]
        self.locks = [asyncio.Lock(), asyncio.Lock()]
        self.flag = asyncio.ThreadSafeFlag()
        self.queue = asyncio.core.TaskQueue()
        # Whom each task awaits, and how: what would be a circle is not begun.
        self.awaited = {}
        self.gathered = set()
        # Whom a wait_for waits for: a gathering that began before its helper does would keep that out.
        self.limited = set()
        self.flag_waiter = None
        self.is_over = False
        self.errors = {
            "CancelledError": asyncio.CancelledError, "TimeoutError": asyncio.TimeoutError,
            "ValueError": ValueError, "Exception": Exception, "BaseException": BaseException,
        }

    def note(self, name, *words):
        if not self.is_over and len(self.log) < 2000:
            self.log.append(f"{self.now()} {name}: {' '.join(map(str, words))}")

    def waits_for(self, name, other):
        """Whether `name`, through others, waits for `other` already, or is it."""
        return name == other or any(self.waits_for(next, other) for next in self.awaited.get(name, ()))

    def name_of(self, task):
        return next((name for name, other in self.tasks.items() if other is task), "a main")


def said(error):
    """An exception, in words that do not hang on who raised it."""
    name = type(error).__name__
    return f"{name}{error.args}" if isinstance(error, (ValueError, RuntimeError, TypeError)) else name


def shown(value):
    if isinstance(value, BaseException):
        return said(value)
    return str([shown(part) for part in value]) if isinstance(value, list) else str(value)


@types.coroutine
def bare_yield():
    yield


def play(world, program):
    """Runs the program's main coroutines, lets the rest come to its end, and returns the log."""
    asyncio = world.asyncio
    world.core = asyncio.core
    handler = lambda loop, context: world.note(  # noqa: E731
        "handler", world.name_of(context["future"]), said(context["exception"])
    )
    asyncio.get_event_loop().set_exception_handler(handler)
    asyncio.create_task(watch(world))
    rest = [["sleep_ms", END]]
    for number, (way, body) in enumerate([*program, ["until", rest]]):
        try:
            world.began = world.now() if body is not rest else END * 100
            world.main = asyncio.create_task(perform(world, f"main{number}", body))
            world.note("run", shown(run(asyncio.get_event_loop(), world.main, way)))
        except BaseException as error:
            world.note("run", said(error))
            if not isinstance(error, (Exception, asyncio.CancelledError)):
                break
    world.is_over = True
    asyncio.new_event_loop()
    return world.log


def run(loop, main, way):
    """Runs the loop until the main coroutine ends, or until somebody stops it."""
    return loop.run_until_complete(main) if way == "until" else loop.run_forever()


async def watch(world):
    """Now and then sets and cancels what a program waits for in vain."""
    for _ in range(30):
        await world.asyncio.sleep_ms(ROUND)
        world.note("watch")
        world.flag.set()
        for event in world.events:
            event.set()
        if world.now() - world.began > ROUND:
            world.main.cancel()
            world.asyncio.get_event_loop().stop()
    raise Hopeless


async def perform(world, name, body):
    """Performs a body as the coroutine `name`."""
    world.note(name, "begins")
    try:
        answer = await steps(world, name, body)
    except BaseException as error:
        world.note(name, "ends by", said(error))
        raise
    world.note(name, "ends")
    return name if answer is None else answer


def perform_by_hand(world, name, body):
    """The same as a generator."""
    return (yield from perform(world, name, body).__await__())


async def steps(world, name, body):
    for step in body:
        if world.is_over:
            raise GeneratorExit
        answer = await STEPS[step[0]](world, name, *step[1:])
        if answer is not None:
            return answer
    return None


async def caught(world, name, what, awaitable):
    """Awaits and notes what comes of it."""
    try:
        answer = await awaitable
    except BaseException as error:
        world.note(name, what, "raised", said(error))
        raise
    world.note(name, what, "gave", shown(answer))


async def sleep_ms(world, name, time):
    await world.asyncio.sleep_ms(time)
    world.note(name, "slept", time)


async def sleep(world, name, time):
    await world.asyncio.sleep(time)
    world.note(name, "slept", time)


async def block(world, name, time):
    world.block(time)


async def wait_on(world, name, what, others, awaitable):
    """The same, for an awaitable that waits for others."""
    world.awaited[name] = others
    try:
        await caught(world, name, what, awaitable)
    finally:
        world.awaited[name] = ()


async def join(world, name, other):
    task = world.tasks.get(other)
    if task and other not in world.gathered and not world.waits_for(other, name):
        await wait_on(world, name, f"await {other}", (other,), task)


async def cancel(world, name, other):
    if (task := world.tasks.get(other)) and (other == name or not world.waits_for(other, name)):
        try:
            world.note(name, "cancels", other, task.cancel())
        except RuntimeError as error:
            world.note(name, "cancels", other, error)


async def state(world, name, other):
    if task := world.tasks.get(other):
        known = task.state is True or task.state is False or task.state is None
        world.note(name, other, "is", task.state if known else "awaited", task.done())


async def current(world, name):
    world.note(name, "is", world.name_of(world.asyncio.current_task()))


async def set_event(world, name, number):
    world.events[number].set()


async def clear_event(world, name, number):
    world.events[number].clear()


async def wait_event(world, name, number):
    await caught(world, name, f"event {number}", world.events[number].wait())


async def acquire(world, name, number):
    await caught(world, name, f"lock {number}", world.locks[number].acquire())


async def release(world, name, number):
    try:
        world.locks[number].release()
    except RuntimeError as error:
        world.note(name, "release", number, error)


async def with_lock(world, name, number, body):
    async with world.locks[number]:
        world.note(name, "has lock", number)
        answer = await steps(world, name, body)
    world.note(name, "leaves lock", number, world.locks[number].locked())
    return answer


async def flag_set(world, name):
    world.flag.set()


async def flag_wait(world, name):
    if world.flag_waiter is None:
        world.flag_waiter = name
        try:
            await caught(world, name, "flag", world.flag.wait())
        finally:
            world.flag_waiter = None


async def push(world, name):
    world.core._task_queue.push(world.core.cur_task)
    await bare_yield()
    world.note(name, "pushed itself")


async def queue_wait(world, name):
    world.queue.push(world.core.cur_task)
    world.core.cur_task.data = world.queue
    await bare_yield()
    world.note(name, "popped")


async def queue_pop(world, name):
    if world.queue.peek():
        world.core._task_queue.push(world.queue.pop())


async def stop(world, name):
    world.asyncio.get_event_loop().stop()


async def fail(world, name, number):
    raise ValueError(number)


async def give(world, name, value):
    return value


async def spawn(world, name, other, way, body):
    if other in world.used:
        return
    world.used.add(other)
    make = perform if way == "async" else perform_by_hand
    world.tasks[other] = world.asyncio.create_task(make(world, other, body))


def part_of(world, name, part):
    """The name and the awaitable of a part; None for a task that cannot be awaited now."""
    if not isinstance(part, str):
        if part[0] in world.used:
            return None
        world.used.add(part[0])
        return part[0], perform(world, *part)
    task = world.tasks.get(part)
    return (part, task) if task and part not in world.gathered and not world.waits_for(part, name) else None


async def wait_for(world, name, part, limit):
    await limited(world, name, part, limit, world.asyncio.wait_for, None if limit is None else limit / 1000)


async def wait_for_ms(world, name, part, limit):
    await limited(world, name, part, limit, world.asyncio.wait_for_ms, limit)


async def limited(world, name, part, limit, function, argument):
    if found := part_of(world, name, part):
        other, awaitable = found
        world.limited.add(other)
        try:
            await wait_on(world, name, f"wait_for {limit}", (other,), function(awaitable, argument))
        finally:
            world.limited.discard(other)


async def gather(world, name, parts, returns):
    parts = [part for part in parts if not isinstance(part, str) or part not in world.limited]
    found = dict(filter(None, [part_of(world, name, part) for part in parts]))
    world.gathered.update(found)
    try:
        gathering = world.asyncio.gather(*found.values(), return_exceptions=returns)
        await wait_on(world, name, "gather", tuple(found), gathering)
    finally:
        world.gathered.difference_update(found)


async def attempt(world, name, body, catch, handler, raises, finish):
    try:
        return await steps(world, name, body)
    except BaseException as error:
        if catch is None or not isinstance(error, world.errors[catch]) or isinstance(error, GeneratorExit):
            raise
        world.note(name, "catches", said(error))
        answer = await steps(world, name, handler)
        if raises:
            raise
        return answer
    finally:
        if finish and not world.is_over:
            world.note(name, "finally")
            await steps(world, name, finish)


async def repeat(world, name, times, body):
    for _ in range(times):
        answer = await steps(world, name, body)
        if answer is not None:
            return answer
    return None


STEPS = {
    "sleep_ms": sleep_ms, "sleep": sleep, "block": block, "await": join, "cancel": cancel, "state": state,
    "current": current, "set": set_event, "clear": clear_event, "wait": wait_event, "acquire": acquire,
    "release": release, "with": with_lock, "flag_set": flag_set, "flag_wait": flag_wait, "push": push, "stop": stop,
    "queue_wait": queue_wait, "queue_pop": queue_pop, "raise": fail, "return": give, "spawn": spawn,
    "wait_for": wait_for, "wait_for_ms": wait_for_ms, "gather": gather, "try": attempt, "repeat": repeat,
}
