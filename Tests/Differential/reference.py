"""Runs a program on CPython's asyncio: what swift-uasyncio is compared with.

This file is the interpreter; operations.py has the operations. deviations.py has what swift-uasyncio does
differently.
"""

import asyncio

import language
from operations import Operations, kind
from virtualtime import Stuck, VirtualTimeLoop


class Strand:
    def __init__(self, number):
        self.number = number
        self.log = []
        # What it is in the middle of, the outermost operation first.
        self.doing = []
        self.end = "never began"
        # The `timeout` that it runs in.
        self.timeout = None

    def __str__(self):
        end = "in " + " > ".join(self.doing) if self.end == "began" else self.end
        return f"strand {self.number}: " + "; ".join(self.log + [end])


class Execution(Operations):
    def __init__(self, program):
        self.program = program
        self.over = False
        self.loop = VirtualTimeLoop()
        self.tasks = {}
        every = list(language.walk(program))
        self.strands = {e[1]: Strand(e[1]) for e in every if e[0] in ("task", "later", "strand")}
        self.laters = {e[1]: e for e in every if e[0] == "later"}
        top = language.parts(program)
        self.events = [asyncio.Event() for e in top if e[0] == "event"]
        self.locks = [self.make_lock() for e in top if e[0] == "lock"]
        self.queues = [self.make_queue(e[1]) for e in top if e[0] == "queue"]
        self.semaphores = [self.make_semaphore(e[1], e[2]) for e in top if e[0] == "semaphore"]

    # The whole.

    def run(self):
        """The outcome: a list of lines."""
        main = self.main()
        try:
            self.loop.run_until_complete(main)
            verdict = "came to its end"
        except Stuck:
            verdict = "cannot go on"
        lines = [verdict, *(str(self.strands[number]) for number in sorted(self.strands)), *self.state()]
        self.tear_down()
        return lines

    async def main(self):
        for part in language.parts(self.program):
            if part[0] == "task":
                self.spawn(part)
        finished = 0
        while finished < len(self.tasks):
            try:
                await list(self.tasks.values())[finished]
            except (Exception, asyncio.CancelledError):
                pass
            finished += 1
        # What nobody waits for, such as the rest of a gather that failed, may come to its end too.
        await asyncio.sleep(10_000_000_000)

    def spawn(self, definition):
        number = definition[1]
        if number not in self.tasks:
            self.tasks[number] = self.loop.create_task(self.strand(definition))

    def state(self):
        for number, task in sorted(self.tasks.items()):
            if not task.done():
                yield f"task {number} unfinished"
            elif task.cancelled():
                yield f"task {number} cancelled"
            elif task.exception():
                yield f"task {number} raised {kind(task.exception())}"
            else:
                yield f"task {number} returned {task.result()}"
        for number, event in enumerate(self.events):
            yield f"event {number} {'set' if event.is_set() else 'clear'}"
        for number, lock in enumerate(self.locks):
            yield f"lock {number} {'locked' if lock.locked() else 'free'}"
        for number, queue in enumerate(self.queues):
            items = [queue.get_nowait() for _ in range(queue.qsize())]
            yield " ".join(map(str, [f"queue {number} holds", *items]))
        for number, semaphore in enumerate(self.semaphores):
            yield f"semaphore {number} {'exhausted' if semaphore.locked() else 'free'}"

    def tear_down(self):
        """Ends what is left; from here on no operation does anything."""
        self.over = True
        for _ in range(20):
            left = asyncio.all_tasks(self.loop)
            if not left:
                break
            for task in left:
                task.cancel()
            self.loop.run_until_stuck()
        self.loop.close()

    # One coroutine.

    async def strand(self, definition, timeout=None):
        strand = self.strands[definition[1]]
        strand.timeout = timeout
        strand.end = "began"
        try:
            value = await self.operations(language.parts(definition), strand)
        except BaseException as error:
            if not self.over:
                strand.end = f"raised {kind(error)}"
            raise
        if value is None:
            value = strand.number
        if not self.over:
            strand.end = f"returned {value}"
        return value

    async def operations(self, operations, strand):
        """Runs them one after the other; returns the value of a `return`, or None."""
        for operation in operations:
            value = await self.perform(operation, strand)
            if value is not None:
                return value
        return None

    async def perform(self, operation, strand):
        if self.over:
            raise asyncio.CancelledError
        name, numbers = operation[0], language.numbers(operation)
        if name == "return":
            return numbers[0]
        if name == "try":
            return await self.attempt(operation, strand)
        strand.doing.append(" ".join(map(str, [name, *numbers])))
        value, result = None, ""
        try:
            action = getattr(self, "do_" + name.replace("-", "_"))
            if name in language.BLOCKS:
                value = await action(strand, *numbers, language.parts(operation))
            elif name in language.LIMIT_MOVES:
                await action(strand, *numbers)
            else:
                said = await action(*numbers, *language.parts(operation))
                result = "" if said is None else f"= {said}"
        except BaseException as error:
            result = f"! {kind(error)}"
            raise
        finally:
            if not self.over:
                self.note(strand, strand.doing.pop(), result)
        return value

    def note(self, strand, *words):
        if not self.over:
            strand.log.append(" ".join(str(word) for word in [self.loop.now, *words] if word not in ("", None)))

    async def attempt(self, operation, strand):
        clauses = {part[0]: part[1:] for part in language.parts(operation)}
        try:
            return await self.operations(clauses["do"], strand)
        except BaseException as error:
            for name, handler in clauses.items():
                if not self.over and name in ("catch-any", "catch-" + kind(error).split()[0]):
                    self.note(strand, "caught", kind(error))
                    return await self.operations(handler, strand)
            raise
        finally:
            if not self.over:
                await self.operations(clauses.get("finally", ()), strand)
