"""Draws programs.

A program is a pure function of its seed. Only `random()` is used, which Python promises never to change.

Three of five programs are *sparse*: times are drawn from so wide a range that no two timers which know nothing of
each other are due at the same instant. The others are *crowded*: times are few, so that much is due at once, and the
order of what happens within an instant matters.

What keeps the programs within what both sides can do:

- Nobody waits for his own end: a task waits only for tasks with a smaller number, and for those that it has spawned.
- Limits never pass in an instant in which something else is due, and none is zero.
- What runs within a time limit cancels only tasks with a smaller number, and never the task that it is: which task
  that is, the versions of CPython do not agree on.

bodies.py draws what a single coroutine does.
"""

import random

from bodies import Body


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed).random
        self.seed = seed
        self.crowded = self.chance(0.4)
        self.events = 1 + self.below(3)
        self.locks = self.below(3)
        self.queues = self.below(3)
        self.semaphores = self.below(2)
        self.starters = 2 + self.below(3)
        self.numbers = self.starters
        self.laters = []
        self.values = 100

    # Drawing.

    def below(self, limit):
        return int(self.random() * limit)

    def chance(self, probability):
        return self.random() < probability

    def choose(self, options):
        return options[self.below(len(options))]

    def time(self):
        if self.crowded:
            return 1_000_000 * self.choose([0, 0, 1, 1, 1, 2, 2, 3])
        return 0 if self.chance(0.1) else 1 + self.below(100_000_000)

    def limit(self):
        """A time limit: whatever the program, it ends when nothing else is due."""
        if self.crowded:
            return self.time() + 1 + self.below(999_999)
        return max(1, self.time())

    def number(self):
        self.numbers += 1
        return self.numbers - 1

    def value(self):
        self.values += 1
        return self.values

    # Putting together.

    def program(self):
        tasks = [self.task(number) for number in range(self.starters)]
        if self.chance(0.6):
            tasks.append(self.helper())
        head = [("event",)] * self.events + [("lock",)] * self.locks
        head += [("queue", self.below(4)) for _ in range(self.queues)]
        head += [("semaphore", 1 + self.below(2), self.below(2)) for _ in range(self.semaphores)]
        return ("program", self.seed, *head, *tasks, *self.laters)

    def task(self, number):
        # Sparse programs do not even begin at the same instant.
        begin = [] if self.crowded else [("sleep", 1 + self.below(100_000_000))]
        return ("task", number, *begin, *Body(self, number).operations(2 + self.below(4)))

    def helper(self):
        """A task that comes late, and gives those who still wait what they wait for."""
        gifts = [("set", event) for event in range(self.events)]
        for queue in range(self.queues):
            gifts += [("try-put", queue, self.value()), ("try-get", queue), ("task-done", queue)]
        gifts += [("release", lock) for lock in range(self.locks)]
        gifts += [("give", semaphore) for semaphore in range(self.semaphores)]
        given = [part for gift in gifts for part in [("try", ("do", gift), ("catch-any",)), ("sleep", self.pause())]]
        return ("task", self.number(), ("sleep", 1_000_000_000), *given)

    def pause(self):
        return 1_000_000 if self.crowded else 1 + self.below(100_000_000)
