"""Draws what a coroutine does: the operations of a task, or of a strand within one."""

KINDS = ["cancelled", "timeout", "error", "group", "any"]


class Body:
    """Draws the operations of one task, and of the coroutines that it runs."""

    def __init__(self, generator, rank, depth=0, limited=False, has_limit=False):
        self.generator = generator
        self.has_limit = has_limit
        # It waits only for tasks below its rank, and for its own.
        self.rank = rank
        self.depth = depth
        self.limited = limited
        self.own = []
        self.held = set()
        self.cleaning = False
        self.choices = self.weighed()

    def weighed(self):
        """The names of what it may do, each as often as it is to be drawn."""
        generator = self.generator
        weights = {"sleep": 10, "wait": 3, "set": 6, "clear": 0.5, "is_set": 0.5, "await_": 3, "done": 0.5, "spawn": 2}
        weights |= {"cancel": 2 if generator.crowded else 4, "raise_": 1, "return_": 0.5}
        if generator.locks:
            weights |= {"lock": 5, "acquire": 1, "release": 0.2, "locked": 0.5}
        if generator.queues:
            weights |= {"put": 5, "get": 4, "try_put": 1, "try_get": 1, "count": 0.5, "task_done": 0.3, "join": 0.4}
        if generator.semaphores:
            weights |= {"permit": 3, "take": 0.5, "give": 0.5}
        if not self.limited:
            weights["cancel_self"] = 0.3
        if self.depth < 2:
            weights |= {"try_": 5, "wait_for": 3, "wait_for_task": 1, "timeout": 2}
            weights |= {"gather": 2, "gather_new": 2, "group": 1, "shield": 1, "wait_for_some": 1}
        if self.has_limit:
            weights |= {"move_limit": 2, "remove_limit": 1}
        return [(name, weight) for name, weight in weights.items()]

    def operations(self, count):
        return [operation for _ in range(count) for operation in self.draw()]

    def draw(self):
        point = self.generator.random() * sum(weight for _, weight in self.choices)
        for name, weight in self.choices:
            point -= weight
            if point < 0:
                break
        made = getattr(self, name)()
        return made if isinstance(made, list) else [made] if made else []

    def deeper(self, count):
        self.depth += 1
        made = self.operations(1 + self.generator.below(count))
        self.depth -= 1
        return made

    def strand(self, limited, has_limit=False):
        number = self.generator.number()
        body = Body(self.generator, self.rank, self.depth + 1, self.limited or limited, has_limit)
        body.held = self.held
        return ("strand", number, *body.operations(1 + self.generator.below(4)))

    # Whom.

    def waitable(self):
        return self.own + list(range(self.rank))

    def anybody(self):
        generator = self.generator
        if self.limited:
            return generator.below(self.rank) if self.rank else None
        others = [number for number in range(generator.starters) if number != self.rank]
        return generator.choose(self.own + others)

    # The operations.

    def sleep(self):
        return ("sleep", self.generator.time())

    def wait(self):
        return ("wait", self.generator.below(self.generator.events))

    def set(self):
        return ("set", self.generator.below(self.generator.events))

    def clear(self):
        return ("clear", self.generator.below(self.generator.events))

    def is_set(self):
        return ("is-set", self.generator.below(self.generator.events))

    def cancel(self):
        whom = self.anybody()
        return None if whom is None else ("cancel", whom)

    def cancel_self(self):
        return [("cancel-self",), self.sleep()]

    def await_(self):
        return ("await", self.generator.choose(self.waitable())) if self.waitable() else None

    def done(self):
        return ("done", self.generator.below(self.generator.starters))

    def spawn(self):
        if self.depth > 2:
            return None
        number = self.generator.number()
        body = Body(self.generator, self.rank, self.depth + 1)
        self.generator.laters.append(("later", number, *body.operations(1 + self.generator.below(4))))
        self.own.append(number)
        return ("spawn", number)

    def raise_(self):
        return ("raise", self.generator.value()) if self.generator.chance(0.6) else None

    def return_(self):
        return None if self.cleaning else ("return", self.generator.value())

    def wait_for(self):
        return ("wait-for", self.generator.limit(), self.strand(limited=True))

    def wait_for_task(self):
        if not self.waitable():
            return None
        return ("wait-for-task", self.generator.limit(), self.generator.choose(self.waitable()))

    def timeout(self):
        return ("timeout", self.generator.limit(), self.strand(limited=True, has_limit=True))

    def move_limit(self):
        return ("move-limit", self.generator.limit())

    def remove_limit(self):
        return ("remove-limit",)

    def shield(self):
        return ("shield", self.generator.choose(self.waitable())) if self.waitable() else None

    def wait_for_some(self):
        whom = self.waitable()
        if not whom:
            return None
        name = self.generator.choose(["wait-first", "wait-error", "wait-all"])
        return (name, *sorted({self.generator.choose(whom) for _ in range(1 + self.generator.below(3))}))

    def group(self):
        return ("group", *[self.strand(limited=False) for _ in range(1 + self.generator.below(3))])

    def gather(self):
        whom = self.waitable()
        if not whom:
            return None
        name = self.generator.choose(["gather", "gather-results"])
        return (name, *[self.generator.choose(whom) for _ in range(1 + self.generator.below(3))])

    def gather_new(self):
        name = self.generator.choose(["gather-new", "gather-new-results"])
        return (name, *[self.strand(limited=False) for _ in range(2 + self.generator.below(2))])

    def try_(self):
        clauses = [("do", *self.deeper(3))]
        if self.generator.chance(0.7):
            clauses.append(("catch-" + self.generator.choose(KINDS), *self.deeper(2)))
        if len(clauses) == 1 or self.generator.chance(0.3):
            cleaning, self.cleaning = self.cleaning, True
            clauses.append(("finally", *self.deeper(2)))
            self.cleaning = cleaning
        return ("try", *clauses)

    def holding(self, name, number):
        """A block that holds something, unless it is held already: nobody waits for himself."""
        if (name, number) in self.held:
            return None
        self.held.add((name, number))
        block = (name, number, *self.deeper(3))
        self.held.remove((name, number))
        return block

    def lock(self):
        return self.holding("lock", self.generator.below(self.generator.locks))

    def acquire(self):
        lock = self.generator.below(self.generator.locks)
        return [("acquire", lock), *self.deeper(2), ("release", lock)]

    def release(self):
        return ("release", self.generator.below(self.generator.locks))

    def locked(self):
        return ("locked", self.generator.below(self.generator.locks))

    def permit(self):
        return self.holding("permit", self.generator.below(self.generator.semaphores))

    def take(self):
        semaphore = self.generator.below(self.generator.semaphores)
        return [("take", semaphore), *self.deeper(2), ("give", semaphore)]

    def give(self):
        return ("give", self.generator.below(self.generator.semaphores))

    def put(self):
        return ("put", self.generator.below(self.generator.queues), self.generator.value())

    def try_put(self):
        return ("try-put", self.generator.below(self.generator.queues), self.generator.value())

    def get(self):
        queue = self.generator.below(self.generator.queues)
        return [("get", queue), ("task-done", queue)] if self.generator.chance(0.6) else ("get", queue)

    def try_get(self):
        return ("try-get", self.generator.below(self.generator.queues))

    def count(self):
        return ("count", self.generator.below(self.generator.queues))

    def task_done(self):
        return ("task-done", self.generator.below(self.generator.queues))

    def join(self):
        return ("join", self.generator.below(self.generator.queues))
