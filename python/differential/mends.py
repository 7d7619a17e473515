"""The deliberate differences, told to the reference: what is left is what uasyncio does otherwise without meaning to.

Each is in the list in python/README.md. What a program can avoid doing, `play` avoids; here is the rest.
"""


def mend(asyncio):
    core = asyncio.core
    #: Tasks whose `wait_for` waits, after its time-out, for what it has cancelled; and those cancelled meanwhile.
    draining, late = set(), set()
    cancel_as_before, gather_as_before = core.Task.cancel, asyncio.gather

    def cancel(task):
        last = task
        while isinstance(last.data, core.Task) and last not in draining:
            last = last.data
        if task.state and task is not core.cur_task and last in draining:
            late.add(last)
            return True
        return cancel_as_before(task)

    async def wait_for(aw, timeout, sleep=core.sleep):
        aw = core._promote_to_task(aw)
        if timeout is None:
            return await aw
        waiter = core.cur_task
        is_waiting = True
        outcome = None

        async def help():
            nonlocal outcome
            try:
                outcome = True, await aw
            except BaseException as error:
                outcome = False, error
            if is_waiting and waiter.data is None and waiter.cancel():
                waiter.data = core.CancelledError("has finished")

        helper = core.create_task(help())
        try:
            await sleep(timeout)
        except core.CancelledError as error:
            if not error.args:
                aw.cancel()
                raise
        finally:
            is_waiting = False
        if outcome:
            has_value, value = outcome
            if not has_value:
                raise value
            return value
        if aw.done():
            return await aw
        aw.cancel()
        draining.add(waiter)
        try:
            await helper
        finally:
            draining.discard(waiter)
        if waiter in late:
            late.discard(waiter)
            raise core.CancelledError
        raise core.TimeoutError

    # Awaited before its report, and once more after that, a task has no exception any more: TypeError.
    iterate_as_before = core.Task.__iter__

    def recall(task):
        if not task.state:
            if task.data is None:
                task.data = getattr(task, "kept", None)
            task.kept = task.data

    def iterate(task):
        recall(task)
        return iterate_as_before(task)

    @asyncio.coroutine
    def gather(*aws, return_exceptions=False):
        aws = [core._promote_to_task(aw) for aw in aws]
        states = [aw.state for aw in aws]
        for aw in aws:
            recall(aw)
        try:
            values = yield from gather_as_before(*aws, return_exceptions=return_exceptions)
            # One whose report came meanwhile has lost its exception.
            return [aw.kept if aw.data is None and hasattr(aw, "kept") else value for aw, value in zip(aws, values)]
        except RuntimeError as error:
            if error.args == ("can't gather",):
                for aw, state in zip(aws, states):
                    if aw.state and callable(aw.state):
                        aw.state = state
            raise

    core.Task.cancel = cancel
    core.Task.__iter__ = core.Task.__await__ = iterate
    asyncio.wait_for, asyncio.wait_for_ms = wait_for, lambda aw, timeout: wait_for(aw, timeout, core.sleep_ms)
    asyncio.gather = gather
