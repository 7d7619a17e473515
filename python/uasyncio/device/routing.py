"""Which importing module gets which module.

`builtins.__import__` is told who imports. If that is device code, the names in `ROUTES` mean modules of ours. The names
that exist on devices only (`utime`, `micropython`, …) are found by everybody, through a finder at the end of the path.

Device code is: everything outside the standard library and outside site-packages, and those packages in site-packages
that say that they are written for MicroPython, by their classifier or in their source.
"""

import builtins
import functools
import importlib
import importlib.machinery
import os
import site
import sys
import sysconfig

from . import hardware
from .dialect import compile_device

# What device code finds under a name that CPython uses too.
ROUTES = {
    "asyncio": "uasyncio",
    "time": "uasyncio.device.time",
    "select": "uasyncio.device.select",
    "socket": "uasyncio.device.socket",
    "ssl": "uasyncio.device.ssl",
}

# What exists on devices only.
ALIASES = {
    "utime": "uasyncio.device.time",
    "uselect": "uasyncio.device.select",
    "usocket": "uasyncio.device.socket",
    "ussl": "uasyncio.device.ssl",
    "tls": "uasyncio.device.ssl",
    "micropython": "uasyncio.device.micropython",
    "uarray": "array",
    "ubinascii": "binascii",
    "ucollections": "collections",
    "ucontextlib": "contextlib",
    "udatetime": "datetime",
    "uerrno": "errno",
    "ufunctools": "functools",
    "uhashlib": "hashlib",
    "uheapq": "heapq",
    "uio": "io",
    "uitertools": "itertools",
    "ujson": "json",
    "ulogging": "logging",
    "umath": "math",
    "uos": "os",
    "uplatform": "platform",
    "urandom": "random",
    "ure": "re",
    "ustruct": "struct",
    "usys": "sys",
    "utarfile": "tarfile",
    "uthread": "_thread",
    "utraceback": "traceback",
    "uunittest": "unittest",
    "uzlib": "zlib",
    # Where a package of the project's own is called usr too.
    "usr.uasyncio": "uasyncio",
}

# What firmware lacks, and packages that run on both look for to find out where they are.
ABSENT = {"inspect", "contextvars"}

OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
SITES = tuple({os.path.join(path, "") for path in (*site.getsitepackages(), site.getusersitepackages())})
LIBRARY = tuple({os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib")})

_original_import = builtins.__import__
_chosen = {}


def install(*, device_packages=(), host_packages=()):
    """Makes device code's imports find the device's modules, until `uninstall()`.

    The two lists name packages in site-packages to count, or not to count, as written for MicroPython.
    """
    _chosen.update({name: True for name in device_packages})
    _chosen.update({name: False for name in host_packages})
    is_device_file.cache_clear()
    if is_installed():
        return
    from . import additions

    additions.install()
    builtins.__import__ = _import
    # Before the usual finder, but behind those that others have put in front of it: pytest's, for one.
    sys.meta_path.insert(sys.meta_path.index(importlib.machinery.PathFinder), _DeviceFinder)
    sys.meta_path.append(_AliasFinder)
    sys.meta_path.append(hardware.Finder)


def uninstall():
    """Takes back what `install()` has done to imports; modules that were imported stay as they are."""
    if not is_installed():
        return
    builtins.__import__ = _original_import
    for finder in (_DeviceFinder, _AliasFinder, hardware.Finder):
        sys.meta_path.remove(finder)
    _chosen.clear()


def is_installed():
    """Whether device code finds the device's modules now."""
    return builtins.__import__ is _import


# MARK: Who imports


@functools.lru_cache(maxsize=None)
def is_device_file(path):
    """Whether a module's file is device code."""
    if not path or path.startswith("<"):
        return False
    path = os.path.abspath(path)
    if path.startswith(OWN):
        return False
    for folder in SITES:
        if path.startswith(folder):
            return _is_device_package(folder, path[len(folder) :].split(os.sep)[0])
    return not path.startswith(LIBRARY)


def _is_in_site(path):
    return os.path.abspath(path).startswith(SITES)


@functools.lru_cache(maxsize=None)
def _is_device_package(folder, name):
    top = name.removesuffix(".py")
    if top in _chosen:
        return _chosen[top]
    return _has_classifier(folder, top) or _mentions_uasyncio(os.path.join(folder, name))


def _has_classifier(folder, top):
    import importlib.metadata

    for distribution in importlib.metadata.distributions(path=[folder]):
        classifiers = distribution.metadata.get_all("Classifier") or ()
        if any(classifier.endswith(":: MicroPython") for classifier in classifiers):
            if any(file.parts[0] in (top, f"{top}.py") for file in distribution.files or ()):
                return True
    return False


def _mentions_uasyncio(path):
    import re

    files = [path] if path.endswith(".py") else [os.path.join(path, file) for file in _python_files(path)]
    for file in files:
        try:
            with open(file, encoding="utf-8", errors="replace") as source:
                if re.search(r"^\s*(import|from)\s+(uasyncio|usocket|utime|micropython)\b", source.read(), re.M):
                    return True
        except OSError:
            pass
    return False


def _python_files(folder):
    try:
        return [file for file in os.listdir(folder) if file.endswith(".py")]
    except OSError:
        return []


# MARK: What they get


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    # Called by hand, as lazy loaders do: MicroPython knows who calls, and takes True for "the module itself".
    if globals is None and level > 0:
        globals = sys._getframe(1).f_globals
    if fromlist is True:
        fromlist = ("__name__",)
    if level == 0 and globals is not None:
        root, _, rest = name.partition(".")
        if root in ROUTES:
            file = globals.get("__file__")
            if file and is_device_file(file):
                return _import_routed(ROUTES[root], rest, fromlist)
        elif root in ABSENT:
            file = globals.get("__file__")
            if file and is_device_file(file) and _is_in_site(file):
                raise ModuleNotFoundError(f"No module named {name!r}: MicroPython has none", name=name)
    return _original_import(name, globals, locals, fromlist, level)


def _import_routed(target, rest, fromlist):
    module = importlib.import_module(target)
    if not rest:
        return module
    inner = importlib.import_module(f"{target}.{rest}")
    return inner if fromlist else module


class _AliasFinder:
    """Finds the modules that exist on devices only."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, cls) if name in ALIASES else None

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        sys.modules[module.__name__] = importlib.import_module(ALIASES[module.__name__])


class _DeviceLoader(importlib.machinery.SourceFileLoader):
    """Loads a module of device code: in MicroPython's dialect, and with generators that may be awaited."""

    def get_code(self, fullname):
        # Rewritten code is not cached: CPython's own imports must not find it.
        path = self.get_filename(fullname)
        code = compile_device(self.get_data(path), path) or super().get_code(fullname)
        return allow_awaiting_generators(code)


class _DeviceFinder:
    """Gives modules of device code their loader."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and type(spec.loader) is importlib.machinery.SourceFileLoader and is_device_file(spec.origin):
            spec.loader = _DeviceLoader(spec.loader.name, spec.loader.path)
            return spec
        return None


# CPython wants an iterator of these, and refuses a coroutine.
NEVER_MARKED = {"__await__", "__iter__"}

GENERATOR = 0x20
ITERABLE_COROUTINE = 0x100


def allow_awaiting_generators(code):
    """Marks every generator function in a module's code as one that can be awaited, and that can await coroutines.

    On MicroPython coroutines are generators, and scripts use the one for the other. CPython knows the mark from the time
    before `async def`.
    """
    constants = tuple(
        allow_awaiting_generators(constant) if hasattr(constant, "co_code") else constant for constant in code.co_consts
    )
    flags = code.co_flags
    if flags & GENERATOR and code.co_name not in NEVER_MARKED:
        flags |= ITERABLE_COROUTINE
    return code.replace(co_consts=constants, co_flags=flags)
