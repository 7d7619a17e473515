"""Random programs: trees of steps, which `play` performs, `show` prints as Python, and `shrink` makes smaller."""

import random

TIMES = (0, 0, 0, 0, 1, 1, 2, 3, 5, 10)
CATCHES = ("CancelledError", "TimeoutError", "ValueError", "Exception", "BaseException", None)


class Source:
    """Draws programs from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0
        self.budget = 60

    def program(self):
        """One or more main coroutines, which are run one after the other: until they end, or for ever."""
        ways = [self.random.choice(("until", "until", "until", "for ever")) for _ in range(self.random.choice((1, 1, 2, 3)))]
        return [[way, self.body(0, 12)] for way in ways]

    def body(self, depth, most=5):
        return [self.step(depth) for _ in range(self.random.randrange(1, most + 1))]

    def name(self):
        self.names += 1
        return f"t{self.names}"

    def some_name(self):
        return f"t{self.random.randrange(1, max(2, self.names + 1))}"

    def part(self, depth):
        """What a wait_for or a gather is given: a task's name, or a coroutine."""
        if depth > 3 or self.random.random() < 0.5:
            return self.some_name()
        return [self.name(), self.body(depth + 1, 3)]

    def step(self, depth):
        self.budget -= 1
        kinds = SIMPLE if depth > 3 or self.budget < 0 else SIMPLE + COMPOUND
        kind = self.random.choice(kinds)
        choose, below = self.random.choice, self.random.randrange
        if kind == "sleep_ms":
            return [kind, choose(TIMES)]
        if kind == "sleep":
            return [kind, choose((0, 0.001, 0.002, 0.004, -1))]
        if kind == "block":
            return [kind, choose((1, 2, 3, 7))]
        if kind in ("await", "cancel", "state"):
            return [kind, self.some_name()]
        if kind in ("set", "clear", "wait", "acquire", "release"):
            return [kind, below(2)]
        if kind == "raise":
            return [kind, below(9)]
        if kind == "return":
            return [kind, below(99)]
        if kind == "spawn":
            return [kind, self.name(), choose(("async", "async", "generator")), self.body(depth + 1)]
        if kind in ("wait_for", "wait_for_ms"):
            return [kind, self.part(depth), choose((0, 1, 2, 2, 3, 5, None if kind == "wait_for" else 4))]
        if kind == "gather":
            return [kind, [self.part(depth) for _ in range(below(4))], choose((False, True))]
        if kind == "with":
            return [kind, below(2), self.body(depth + 1, 3)]
        if kind == "try":
            finish = self.body(depth + 1, 2) if self.random.random() < 0.4 else []
            return [kind, self.body(depth + 1, 3), choose(CATCHES), self.body(depth + 1, 2), choose((False, True)), finish]
        if kind == "repeat":
            return [kind, below(1, 4), self.body(depth + 1, 2)]
        return [kind]


SIMPLE = (
    ["sleep_ms"] * 7 + ["cancel"] * 4 + ["await"] * 3 + ["set", "wait", "acquire", "release"] * 2
    + ["sleep", "block", "clear", "raise", "return", "state", "current", "push", "queue_wait", "queue_pop"]
    + ["flag_set", "flag_wait", "stop"]
)
COMPOUND = ["spawn"] * 8 + ["wait_for", "wait_for_ms", "gather", "try"] * 3 + ["with", "with", "repeat"]

KINDS = {*SIMPLE, *COMPOUND}


def draw(seed):
    return Source(seed).program()


# MARK: Printing


def show(program):
    """The program as Python, for a reader."""
    lines = []
    for number, (way, body) in enumerate(program):
        lines.append(f"async def main{number}():  # run {way}")
        lines += show_body(body)
    return "\n".join(lines)


def show_body(body, indent="    "):
    lines = []
    for step in body:
        lines += [indent + line for line in show_step(step)]
    return lines or [indent + "pass"]


def show_part(part):
    return (part, []) if isinstance(part, str) else (f"{part[0]}()", [f"async def {part[0]}():", *show_body(part[1])])


def show_step(step):
    kind, *rest = step
    if kind in ("sleep_ms", "sleep"):
        return [f"await {kind}({rest[0]})"]
    if kind == "block":
        return [f"time.sleep_ms({rest[0]})"]
    if kind == "await":
        return [f"await {rest[0]}"]
    if kind == "cancel":
        return [f"{rest[0]}.cancel()"]
    if kind == "spawn":
        return [f"async def {rest[0]}():  # {rest[1]}", *show_body(rest[2]), f"{rest[0]} = create_task({rest[0]}())"]
    if kind in ("wait_for", "wait_for_ms"):
        name, lines = show_part(rest[0])
        return [*lines, f"await {kind}({name}, {rest[1]}{' ms' if kind == 'wait_for' else ''})"]
    if kind == "gather":
        parts = [show_part(part) for part in rest[0]]
        names = ", ".join(name for name, _ in parts)
        return [line for _, lines in parts for line in lines] + [f"await gather({names}, return_exceptions={rest[1]})"]
    if kind == "with":
        return [f"async with lock[{rest[0]}]:", *show_body(rest[1])]
    if kind == "try":
        lines = ["try:", *show_body(rest[0])]
        if rest[1]:
            lines += [f"except {rest[1]}:", *show_body(rest[2])]
            if rest[3]:
                lines.append("    raise")
        if rest[4] or not rest[1]:
            lines += ["finally:", *show_body(rest[4])]
        return lines
    if kind == "repeat":
        return [f"for _ in range({rest[0]}):", *show_body(rest[1])]
    return [f"{kind} {' '.join(map(str, rest))}".strip()]


# MARK: Shrinking


def smaller(value):
    """Every tree that is a little smaller: without one step, or with a step's body in its place."""
    if not isinstance(value, list):
        return
    for index, part in enumerate(value):
        is_step = isinstance(part, list) and part and isinstance(part[0], str) and part[0] in KINDS
        if isinstance(part, list) and not (value and isinstance(value[0], str)):
            yield value[:index] + value[index + 1 :]
        if is_step:
            for body in part:
                if isinstance(body, list) and body and isinstance(body[0], list):
                    yield value[:index] + body + value[index + 1 :]
        for less in smaller(part):
            yield value[:index] + [less] + value[index + 1 :]


def shrink(program, is_wrong):
    """The smallest program found that still is wrong."""
    found = True
    while found:
        found = False
        for candidate in smaller(program):
            try:
                if is_wrong(candidate):
                    program, found = candidate, True
                    break
            except (TypeError, ValueError, IndexError, AttributeError):
                continue
    return program
