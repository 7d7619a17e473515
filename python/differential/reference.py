"""MicroPython's asyncio, from a checkout of it, run by CPython: the reference that uasyncio is compared with.

Its sources are read as they are. What CPython sees differently is adapted on the way: a generator function becomes a
coroutine function, `yield` inside `async def` becomes the await of one bare yield, and every exception has `value`. Time
is virtual: it passes where the loop polls and nothing is ready, and where a program blocks.
"""

import ast
import builtins
import sys
import types
from pathlib import Path

NAME = "reference_asyncio"
PERIOD = 1 << 30

# A loop that still polls after so many milliseconds does nothing else any more.
LIFETIME = 10_000_000


class Stuck(BaseException):
    """Nothing can ever run again."""


class Time(types.ModuleType):
    """MicroPython's `time`, as far as the loop needs it."""

    def __init__(self):
        super().__init__("time")
        self.milliseconds = 0

    def block(self, milliseconds):
        self.milliseconds += milliseconds

    def ticks_ms(self):
        return self.milliseconds % PERIOD

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % PERIOD

    def ticks_diff(self, end, start):
        return (end - start + PERIOD // 2) % PERIOD - PERIOD // 2


class Poll:
    """MicroPython's poller, of objects with `ioctl`."""

    def __init__(self, time):
        self.time = time
        self.streams = {}

    def register(self, stream, mask):
        self.streams[id(stream)] = stream, mask

    modify = register

    def unregister(self, stream):
        del self.streams[id(stream)]

    def ipoll(self, timeout):
        asked = [(stream, stream.ioctl(3, mask)) for stream, mask in self.streams.values()]
        ready = [(stream, events) for stream, events in asked if events]
        if not ready and timeout != 0:
            if timeout < 0 or self.time.milliseconds > LIFETIME:
                raise Stuck
            self.time.milliseconds += timeout
        return ready


@types.coroutine
def bare_yield(value=None):
    yield value


class Adapter(ast.NodeTransformer):
    """Makes MicroPython's generators CPython's coroutines."""

    def __init__(self):
        self.is_async = False

    def visit_AsyncFunctionDef(self, node):
        outer, self.is_async = self.is_async, True
        self.generic_visit(node)
        self.is_async = outer
        return node

    def visit_FunctionDef(self, node):
        outer, self.is_async = self.is_async, False
        yields = any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own_nodes(node))
        self.generic_visit(node)
        self.is_async = outer
        if yields:
            node.decorator_list.append(ast.Name("_coroutine", ast.Load()))
        return node

    def visit_Yield(self, node):
        self.generic_visit(node)
        if not self.is_async:
            return node
        arguments = [node.value] if node.value else []
        return ast.Await(ast.Call(ast.Name("_bare_yield", ast.Load()), arguments, []))


def own_nodes(function):
    """The nodes of a function without those of functions inside it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def load(folder):
    """Loads the asyncio in `folder`: MicroPython's `extmod/asyncio`. Returns the package; its `time` is the clock."""
    folder = Path(folder)
    time = Time()
    select = types.ModuleType("select")
    select.POLLIN, select.POLLPRI, select.POLLOUT, select.POLLERR = 1, 2, 4, 8
    select.poll = lambda: Poll(time)
    replaced = {"time": time, "select": select}

    def find(name, globals=None, locals=None, names=(), level=0):
        if level == 0 and name in replaced:
            return replaced[name]
        if level == 0 and name == "_asyncio":
            raise ImportError("the tasks are those in Python")
        return builtins.__import__(name, globals, locals, names, level)

    package = types.ModuleType(NAME)
    package.__path__ = [str(folder)]
    sys.modules[NAME] = package
    for part in ("core", "task", "event", "lock", "funcs"):
        if f"{NAME}.{part}" not in sys.modules:
            load_module(folder, part, find)
    core = package.core
    core.CancelledError.value = property(lambda error: error.args[0] if error.args else None)
    core.Task.__await__ = core.Task.__iter__
    core.SingletonGenerator.__await__ = core.SingletonGenerator.__iter__
    for part in ("core", "event", "lock", "funcs"):
        for name, value in vars(getattr(package, part)).items():
            if not name.startswith("_"):
                setattr(package, name, value)
    package.core, package.time, package.coroutine = core, time, types.coroutine
    return package


def load_module(folder, part, find):
    path = folder / f"{part}.py"
    name = f"{NAME}.{part}"
    module = types.ModuleType(name)
    module.__package__, module.__file__ = NAME, str(path)
    module.__builtins__ = {**vars(builtins), "__import__": importer(folder, find)}
    module._coroutine, module._bare_yield = types.coroutine, bare_yield
    sys.modules[name] = module
    setattr(sys.modules[NAME], part, module)
    tree = ast.fix_missing_locations(Adapter().visit(ast.parse(path.read_text(), str(path))))
    exec(compile(tree, str(path), "exec"), vars(module))


def importer(folder, find):
    """The `import` of the reference's modules: theirs are loaded by `load_module`."""

    def find_own(name, globals=None, locals=None, names=(), level=0):
        if level == 1:
            for part in [name] if name else names:
                if f"{NAME}.{part}" not in sys.modules:
                    load_module(folder, part, find)
        return find(name, globals, locals, names, level)

    return find_own
