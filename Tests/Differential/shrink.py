"""Makes a program that fails smaller, as long as it fails."""

import language

# What may be taken out of what.
CONTAINERS = {"task", "later", "strand", "lock", "permit", "do", "finally", "group", "program"}
NEEDED = {"event", "lock", "queue", "semaphore", "later"}


def shrink(program, fails):
    """The smallest program that is left after taking out part by part; `fails` tells of many programs at once."""
    while True:
        smaller = list(without_one_part(program))
        verdicts = fails(smaller)
        failing = [candidate for candidate, verdict in zip(smaller, verdicts) if verdict]
        if not failing:
            return program
        program = min(failing, key=lambda candidate: len(language.render(candidate)))


def without_one_part(expression, is_program=True):
    """Every expression that is this one with one part less."""
    for index, part in enumerate(expression):
        if not isinstance(part, tuple):
            continue
        before, after = expression[:index], expression[index + 1 :]
        if may_lose(expression, part, is_program):
            yield before + after
        for smaller in without_one_part(part, is_program=False):
            yield before + (smaller,) + after


def may_lose(expression, part, is_program):
    if is_program:
        return part[0] not in NEEDED
    if expression[0] == "try":
        return part[0] != "do" and len(language.parts(expression)) > 1
    return expression[0] in CONTAINERS or expression[0].startswith("catch-")
