"""The language of the programs that both sides run.

A program is one line of nested lists, `(name number … part …)`: easy to read, and to parse without a library. Both
sides interpret it: reference.py on CPython's asyncio, Swift/Execution.swift on swift-uasyncio.

    (program 7 (event) (lock) (queue 2) (semaphore 1 0) (task 0 (sleep 5) (set 0)) (task 1 (wait 0)) (later 2 (set 0)))

`task` starts with the program, `later` is spawned by an operation; `strand` is a coroutine that a limit, a gather or
a group runs. All three have a number, a log, and an end. Events, locks, queues (of so many items, 0 is any number)
and semaphores (of so many permits; the second number says whether it is bounded) have the numbers 0, 1, … of their
kind. Times are milliseconds. Tasks that have not been made yet are left out by the operations that name them.

    (sleep T)                         (set E) (clear E) (wait E) (is-set E)
    (spawn K) (await K) (done K)      (cancel K) (cancel-self)
    (wait-for T (strand N …))         (wait-for-task T K)
    (timeout T (strand N …))          (move-limit T) (remove-limit)
    (shield K)                        (wait-first K …) (wait-error K …) (wait-all K …)
    (group (strand N …) …)
    (gather K …) (gather-results K …) (gather-new (strand N …) …) (gather-new-results (strand N …) …)
    (try (do …) (catch-KIND …) (finally …))     KIND: cancelled, timeout, error, group, any; either may be missing
    (return V) (raise V)
    (lock L …) (acquire L) (release L) (locked L)
    (permit S …) (take S) (give S)
    (put Q V) (get Q) (try-put Q V) (try-get Q) (count Q) (task-done Q) (join Q)

Each operation that ends adds a line to its strand's log: when it ended, what it was, and what came of it. Two runs
are equal if every log is equal, and the end of every strand, what the unfinished ones wait for, and the state of
every primitive, and whether the program came to its end or could not go on.
"""

# Operations whose parts are operations of the same strand.
BLOCKS = {"lock", "permit"}
# Operations on the limit that the strand itself is in.
LIMIT_MOVES = {"move-limit", "remove-limit"}


def render(expression):
    """The expression as one line."""
    return "(" + " ".join(render(part) if isinstance(part, tuple) else str(part) for part in expression) + ")"


def readable(expression, indent=0):
    """The expression over many lines, for people."""
    line = "  " * indent + render(expression)
    if len(line) <= 100 and expression[0] not in ("program", "task", "later"):
        return line
    plain = [str(part) for part in expression if not isinstance(part, tuple)]
    parts = [readable(part, indent + 1) for part in expression if isinstance(part, tuple)]
    return "\n".join(["  " * indent + "(" + " ".join(plain), *parts]) + ")"


def parse(text):
    """The expression that a line holds."""
    stack = [[]]
    for token in text.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            stack.append([])
        elif token == ")":
            expression = tuple(stack.pop())
            stack[-1].append(expression)
        else:
            stack[-1].append(int(token) if token.lstrip("-").isdigit() else token)
    (expression,) = stack[0]
    return expression


def walk(expression):
    """The expression and everything in it."""
    yield expression
    for part in expression:
        if isinstance(part, tuple):
            yield from walk(part)


def parts(expression):
    """What is in the expression, one level down."""
    return [part for part in expression if isinstance(part, tuple)]


def numbers(expression):
    return [part for part in expression[1:] if not isinstance(part, tuple)]
