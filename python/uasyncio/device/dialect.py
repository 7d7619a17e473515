"""What MicroPython's compiler accepts and CPython's does not.

On MicroPython a coroutine is a generator, and the compiler keeps them less strictly apart. Device code finds there:

* `await` in a plain function, which makes a generator of it: `def __await__(self): await self.event.wait()`;
* `yield from` in an `async def`, which is an await;
* `yield` in an `async def`, alone or with what `queue_read` and the like return, which gives control to the loop.

`compile_device` rewrites these. An `async def` that yields anything else is left as it is: an asynchronous generator, which
MicroPython does not have, and packages that run on both may.
"""

import ast
import types

PREFIX = "_uasyncio_"
QUEUED = {"queue_read", "queue_write"}


# MARK: What rewritten code calls


def iterate(awaitable):
    """What `yield from` can take, for anything that can be awaited."""
    return awaitable.__await__() if hasattr(awaitable, "__await__") else iter(awaitable)


@types.coroutine
def delegate(iterable):
    """An await of anything that `yield from` would take."""
    return (yield from iterate(iterable))


@types.coroutine
def suspend(value=None):
    """An await of one yield."""
    return (yield value)


# MARK: Rewriting


def compile_device(source, filename):
    """Compiles device code; None where CPython's compiler understands all of it as MicroPython's does."""
    try:
        tree = ast.parse(source, filename)
    except SyntaxError:
        return None  # The compiler will say so, better.
    rewriter = Rewriter()
    tree = rewriter.visit(tree)
    if not rewriter.used:
        return None
    names = [ast.alias(name, PREFIX + name) for name in sorted(rewriter.used)]
    place = sum(1 for _ in _preamble(tree.body))
    tree.body.insert(place, ast.ImportFrom(__name__, names, 0, lineno=1, col_offset=0))
    return compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)


def _preamble(body):
    """The statements that must stay first: the docstring, and imports from `__future__`."""
    for number, statement in enumerate(body):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (is_text and number == 0 or isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
            return
        yield statement


class Rewriter(ast.NodeTransformer):
    """Rewrites the bodies of functions, and notes in `used` what they call now."""

    def __init__(self):
        self.used = set()
        self.function = None

    def visit_function(self, node):
        outer, self.function = self.function, node
        node.suspends = isinstance(node, ast.AsyncFunctionDef) and all(map(_is_suspension, _own_yields(node)))
        node.body = [self.visit(statement) for statement in node.body]
        self.function = outer
        # Defaults and decorators belong to what is around the function.
        node.args = self.visit(node.args)
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_function

    def visit_Lambda(self, node):
        outer, self.function = self.function, None
        self.generic_visit(node)
        self.function = outer
        return node

    def visit_ClassDef(self, node):
        return self.visit_Lambda(node)

    def visit_Await(self, node):
        self.generic_visit(node)
        if not isinstance(self.function, ast.FunctionDef):
            return node
        return ast.copy_location(ast.YieldFrom(self.call("iterate", node, node.value)), node)

    def visit_YieldFrom(self, node):
        self.generic_visit(node)
        if not isinstance(self.function, ast.AsyncFunctionDef):
            return node
        return ast.copy_location(ast.Await(self.call("delegate", node, node.value)), node)

    def visit_Yield(self, node):
        self.generic_visit(node)
        if not (isinstance(self.function, ast.AsyncFunctionDef) and self.function.suspends):
            return node
        values = [node.value] if node.value else []
        return ast.copy_location(ast.Await(self.call("suspend", node, *values)), node)

    def call(self, name, node, *arguments):
        self.used.add(name)
        function = ast.copy_location(ast.Name(PREFIX + name, ast.Load()), node)
        return ast.copy_location(ast.Call(function, list(arguments), []), node)


def _own_yields(function):
    """The yields of a function without those of functions inside it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def _is_suspension(node):
    """Whether a yield hands nothing to anybody: it only gives control to the loop."""
    value = node.value
    if value is None or isinstance(value, ast.Constant) and value.value is None:
        return True
    function = value.func if isinstance(value, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in QUEUED
