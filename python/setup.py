"""Builds the package's native part: the scheduler and the Python face, as Embedded Swift, and the C half that CPython sees.

Needs Swift 6.3 (`swiftc` on the path, or named in `SWIFTC`) and a C compiler; what comes out needs only libc.

    pip install ./python                      # in a clone of the repository
    UASYNCIO_SANITIZE=1 pip install ./python  # a debug build with the address sanitizer, for tests
"""

import os
import platform
import shutil
import subprocess
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
# A clone has the sources beside this directory; a source distribution has a copy of them inside.
SOURCES = HERE / "Sources" if (HERE / "Sources").is_dir() else HERE.parent / "Sources"
IS_CLONE = SOURCES.parent != HERE
MODULES = ("Scheduler", "Platform", "PythonModule")
SANITIZE = bool(os.environ.get("UASYNCIO_SANITIZE"))


class BuildSwift(build_ext):
    """Compiles the Swift modules first, and then the C half with their objects."""

    def build_extension(self, extension):
        swiftc = os.environ.get("SWIFTC") or shutil.which("swiftc")
        if not swiftc:
            raise SystemExit("uasyncio: building needs Swift 6.3 or later; there is no `swiftc` on the path")
        folder = Path(self.build_temp) / "swift"
        folder.mkdir(parents=True, exist_ok=True)
        extension.extra_objects = [str(self.compile_swift(swiftc, module, folder)) for module in MODULES]
        exports = folder / "exports.map"
        exports.write_text("{ global: PyInit__native; local: *; };\n")
        extension.extra_link_args = [*extension.extra_link_args, f"-Wl,--version-script={exports}"]
        super().build_extension(extension)

    def compile_swift(self, swiftc, module, folder):
        result = folder / f"{module}.o"
        command = [swiftc, "-target", f"{platform.machine()}-unknown-linux-gnu", "-module-name", module]
        command += ["-enable-experimental-feature", "Embedded", "-parse-as-library", "-wmo", "-swift-version", "6"]
        command += ["-Onone", "-sanitize=address"] if SANITIZE else ["-O" if module == "PythonModule" else "-Osize"]
        command += ["-enforce-exclusivity=unchecked", "-Xfrontend", "-function-sections", "-Xcc", "-fPIC"]
        command += ["-I", folder, "-I", SOURCES / "CPlatform/include", "-I", SOURCES / "PythonModule/include"]
        command += ["-Xcc", f"-I{sysconfig.get_path('include')}"]
        command += ["-emit-module", "-emit-module-path", folder / f"{module}.swiftmodule"]
        command += ["-c", *sorted((SOURCES / module).glob("*.swift")), "-o", result]
        subprocess.run([str(word) for word in command], check=True)
        return result


class CopySources(sdist):
    """Takes the sources along: beside a source distribution there is no repository."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, [file for file in files if not file.startswith("..")])
        for module in (*MODULES, "CPlatform"):
            shutil.copytree(SOURCES / module, Path(base_dir) / "Sources" / module, dirs_exist_ok=True)


native = Extension(
    "uasyncio._native",
    sources=[os.path.relpath(path, HERE) for path in sorted((SOURCES / "PythonModule").glob("*.c"))],
    depends=[str(path) for module in (*MODULES, "CPlatform") for path in (SOURCES / module).rglob("*.*")],
    include_dirs=[str(SOURCES / "PythonModule/include")],
    extra_compile_args=["-Werror=implicit-function-declaration"] + (
        ["-O1", "-g3", "-fsanitize=address", "-UNDEBUG"]
        if SANITIZE
        else ["-Os", "-g0", "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections"]
    ),
    extra_link_args=["-fsanitize=address"] if SANITIZE else ["-Wl,--gc-sections", "-Wl,-s", "-Wl,-z,noseparate-code"],
    py_limited_api=True,
)

options = {"bdist_wheel": {"py_limited_api": "cp310"}}
if IS_CLONE:
    # In a clone, what is made on the way goes where everything else does.
    scratch = HERE.parent / ".build" / "python"
    scratch.mkdir(parents=True, exist_ok=True)
    # Each kind of build has a folder of its own, or one would take what the other has made for up to date.
    folder = "build-sanitized" if SANITIZE else "build"
    options |= {"build": {"build_base": str(scratch / folder)}, "egg_info": {"egg_base": str(scratch)}}

setup(ext_modules=[native], cmdclass={"build_ext": BuildSwift, "sdist": CopySources}, options=options)
