"""`python -m uasyncio script.py`: runs a device's script, unmodified."""

import io
import os
import sys

from . import _native, device


def parse(arguments):
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m uasyncio", description="Run a device's script on MicroPython's asyncio, unmodified."
    )
    parser.add_argument("--virtual-time", action="store_true", help="let time jump over what nobody does anything in")
    parser.add_argument("--seed", type=int, metavar="N", help="draw the order of tasks that are ready at once from N")
    parser.add_argument("--trace", action="store_true", help="say on the error stream which task runs when, and why")
    parser.add_argument(
        "--device-package", action="append", default=[], metavar="NAME",
        help="count this package of site-packages as written for MicroPython",
    )
    parser.add_argument(
        "--host-package", action="append", default=[], metavar="NAME",
        help="do not count this package of site-packages as written for MicroPython",
    )
    parser.add_argument("script", help="the script; - for the standard input")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="args", help="what the script finds in sys.argv")
    return parser.parse_args(arguments)


REASONS = ("started", "deadline", "event", "cancelled")


def trace(time, task, reason):
    name = getattr(task.coro, "__qualname__", None) or type(task.coro).__name__
    print(f"{time / 1e9:12.6f} {name} {REASONS[reason]}", file=sys.stderr)


def read(script):
    if script == "-":
        return sys.stdin.read()
    with io.open_code(os.path.abspath(script)) as file:
        return file.read()


def main(arguments=None):
    options = parse(arguments)
    if options.seed is not None and options.seed < 0:
        sys.exit("python -m uasyncio: a seed must not be negative")
    try:
        source = read(options.script)
    except OSError as error:
        sys.exit(f"python -m uasyncio: cannot read {options.script}: {error.strerror}")
    _native.configure(virtual_time=options.virtual_time, seed=options.seed)
    if options.trace:
        _native.set_tracer(trace)
    device.install(device_packages=options.device_package, host_packages=options.host_package)
    run(options.script, source, options.arguments)


def show_exception(kind, error, where):
    """Prints an exception without the steps that are the runner's own."""
    import traceback

    stack = traceback.TracebackException(kind, error, where)
    seen = set()

    def clean(stack):
        if stack is None or id(stack) in seen:
            return
        seen.add(id(stack))
        files = [os.path.abspath(frame.filename) for frame in stack.stack]
        begin = max((number + 1 for number, file in enumerate(files) if file == _RUNNER), default=0)
        frames = stack.stack[begin:]
        stack.stack[:] = [frame for frame in frames if not _is_own(frame.filename)]
        clean(stack.__cause__)
        clean(stack.__context__)

    clean(stack)
    print("".join(stack.format()), end="", file=sys.stderr)


def _is_own(file):
    return file.startswith("<frozen ") or os.path.abspath(file) in _OWN_FILES


_RUNNER = os.path.abspath(__file__)
_FOLDER = os.path.dirname(_RUNNER)
_OWN_FILES = {os.path.join(_FOLDER, "device", name) for name in ("routing.py", "hardware.py", "dialect.py")}


def run(script, source, arguments):
    """Runs a script's source as `__main__`."""
    from .device.dialect import compile_device
    from .device.routing import allow_awaiting_generators

    folder = os.path.dirname(os.path.abspath(script)) if script != "-" else os.getcwd()
    sys.argv = [script, *arguments]
    sys.path[0] = folder
    module = type(sys)("__main__")
    module.__file__ = os.path.join(folder, "<stdin>") if script == "-" else script
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    sys.excepthook = show_exception
    code = compile_device(source, script) or compile(source, script, "exec", dont_inherit=True)
    exec(allow_awaiting_generators(code), module.__dict__)


if __name__ == "__main__":
    main()
