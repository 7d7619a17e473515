"""With whom: how each peer is installed, built and called, and what it leaves out."""

import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
SOURCES = BENCHMARKS / "Peers"
BUILD = BENCHMARKS / ".build" / "peers"
PYTHON = BUILD / "python" / "bin" / "python"
DEBIAN_CRATES = pathlib.Path("/usr/share/cargo/registry")


class Unavailable(Exception):
    """A peer cannot be measured here; it says why."""


@dataclass
class Peer:
    name: str
    build: "callable"
    command: list
    hello: list
    version: "callable"
    packages: tuple = ()
    """Debian's packages that it needs."""
    shown_by: str = ""
    """A path, or a pattern of one, that shows that they are there."""
    is_slow: bool = False
    leaves_out: dict = field(default_factory=dict)
    """What it has no notion of, by the names of the scenarios' programs, and why."""
    remark: str = ""
    only_hello: bool = False
    server: dict = field(default_factory=dict)
    """Its programs that serve, by the kind of traffic: they say where they listen, and run until they are killed."""
    environment: dict = field(default_factory=dict)


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def run(*command, cwd=None, **environment):
    """Runs a step of a build; what it prints is shown only if it fails."""
    try:
        result = subprocess.run(
            [str(word) for word in command], cwd=cwd, env=os.environ | environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise Unavailable(f"`{command[0]}` cannot be run: {error.strerror}") from None
    if result.returncode != 0:
        shown = " ".join([pathlib.Path(command[0]).name, *(str(word) for word in command[1:4])])
        raise Unavailable(f"`{shown} …` failed:\n{result.stdout[-2000:].strip()}")


def install(peer):
    """Installs the Debian packages that a peer needs, if they are not there."""
    if not peer.packages or glob.glob(peer.shown_by):
        return
    install_packages(*peer.packages)


def install_packages(*packages):
    if not shutil.which("apt-get"):
        raise Unavailable(f"it needs {' '.join(packages)}, and there is no apt-get")
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    run(*root, "apt-get", "update", "-qq")
    run(*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, DEBIAN_FRONTEND="noninteractive")


# Building

def swift(package, scratch, *options):
    if not shutil.which("swift"):
        raise Unavailable("there is no swift")
    run("swift", "build", "-c", "release", "--package-path", package, "--scratch-path", scratch, *options)


def cargo(name):
    if not shutil.which("cargo"):
        raise Unavailable("there is no cargo")
    # A home of its own: the user's settings are neither used nor changed.
    home = BUILD / "cargo"
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(
        '[source.crates-io]\nreplace-with = "debian"\n\n[source.debian]\ndirectory = "/usr/share/cargo/registry"\n')
    rustup = os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))
    run("cargo", "build", "--release", "--offline", "--target-dir", BUILD / name, cwd=SOURCES / name,
        CARGO_HOME=str(home), RUSTUP_HOME=rustup)


def go():
    if not shutil.which("go"):
        raise Unavailable("there is no go")
    output = BUILD / "go"
    output.mkdir(parents=True, exist_ok=True)
    run("go", "build", "-o", f"{output}/", "./scenarios", "./hello", "./server", cwd=SOURCES / "go", GOCACHE=str(output / "cache"))


def ours():
    swift(BENCHMARKS, OURS)
    # HTTP is one of the examples, as users find it.
    swift(BENCHMARKS.parent, OURS / "examples", "--product", "HTTPServer")


def hello_with(name, *options):
    """Our hello alone, linked in another way."""
    swift(BENCHMARKS, OURS / name, "--product", "Hello", *options)


def tiny():
    run(BENCHMARKS / "tiny" / "build")


def libuv():
    output = BUILD / "libuv"
    output.mkdir(parents=True, exist_ok=True)
    for name in ("scenarios", "hello"):
        run("cc", "-O2", "-o", output / name, SOURCES / "libuv" / f"{name}.c", "-luv")
    run("cc", "-O2", "-o", output / "server", SOURCES / "libuv" / "server.c", "-luv", "-lhttp_parser")


def python(*packages):
    """Makes one virtual environment for all the peers in Python; the interpreter is the one that runs this script."""
    if not PYTHON.exists():
        if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode != 0:
            install_packages("python3-venv")
        run(sys.executable, "-m", "venv", PYTHON.parent.parent)
    if packages and subprocess.run([PYTHON, "-c", f"import {', '.join(packages)}"], capture_output=True).returncode != 0:
        run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)


# Versions

def swift_version():
    return next(line for line in output_of("swift", "--version").splitlines() if "Swift version" in line)


def crate_version(name):
    found = sorted(path.name for path in DEBIAN_CRATES.glob(f"{name}-[0-9]*"))
    return f"{found[-1]}, {' '.join(output_of('rustc', '--version').split()[:2])}"


def python_version(package=None):
    version = f"CPython {output_of(PYTHON, '-c', 'import platform; print(platform.python_version())')}"
    if package is None:
        return version
    return f"{package} {output_of(PYTHON, '-c', f'import {package}; print({package}.__version__)')}, {version}"


def nio_version():
    pins = json.loads((SOURCES / "nio" / "Package.resolved").read_text())["pins"]
    version = next(pin["state"]["version"] for pin in pins if pin["identity"] == "swift-nio")
    return f"swift-nio {version}, {swift_version()}"


def both(*command):
    """The server of one that serves both, by the kind of traffic."""
    return {kind: [*command, kind] for kind in ("echo", "http")}


NO_TASKS = "callbacks, no tasks"
NO_HTTP = "no HTTP of its own"
OURS = BENCHMARKS / ".build"
TINY = BENCHMARKS.parent / ".build" / "tiny" / "linux"

PEERS = [
    Peer("uasyncio", ours, [OURS / "release" / "RunScenario"], [OURS / "release" / "Hello"], swift_version,
         server={"echo": [OURS / "release" / "Echo"], "http": [OURS / "examples" / "release" / "HTTPServer", "0"]}),
    Peer("uasyncio-static-stdlib", lambda: hello_with("static-stdlib", "--static-swift-stdlib"),
         [], [OURS / "static-stdlib" / "release" / "Hello"], swift_version, only_hello=True,
         remark="with Swift's libraries in the program"),
    Peer("uasyncio-static", lambda: hello_with("static", "--static-swift-stdlib", "-Xswiftc", "-static-executable"),
         [], [OURS / "static" / "release" / "Hello"], swift_version, only_hello=True,
         remark="with all libraries in the program, those of C too"),
    Peer("tiny", tiny, [TINY / "Scenarios"], [TINY / "BenchmarkHello"], swift_version,
         ("musl-tools",), "/usr/bin/musl-gcc", remark="our tiny face: a static program with a runtime of its own",
         leaves_out={"crossThreadLatency": "flags only", "crossThreadThroughput": "flags only", "http": NO_HTTP},
         server={"echo": [TINY / "BenchmarkEcho"]}),
    Peer("tokio", lambda: cargo("tokio"), [BUILD / "tokio" / "release" / "tokio-scenarios"],
         [BUILD / "tokio" / "release" / "hello"], lambda: f"{crate_version('hyper').split(',')[0]}, {crate_version('tokio')}",
         ("cargo", "librust-tokio-dev", "librust-hyper-dev"), f"{DEBIAN_CRATES}/hyper-[0-9]*",
         remark="current-thread runtime; HTTP with hyper", server=both(BUILD / "tokio" / "release" / "server")),
    Peer("smol", lambda: cargo("smol"), [BUILD / "smol" / "release" / "smol-scenarios"],
         [BUILD / "smol" / "release" / "hello"], lambda: crate_version("smol"),
         ("cargo", "librust-smol-dev"), f"{DEBIAN_CRATES}/smol-[0-9]*", remark="`LocalExecutor`",
         leaves_out={"http": NO_HTTP}, server={"echo": [BUILD / "smol" / "release" / "server"]}),
    Peer("go", go, [BUILD / "go" / "scenarios"], [BUILD / "go" / "hello"], lambda: output_of("go", "version"),
         ("golang-go",), "/usr/bin/go", environment={"GOMAXPROCS": "1"}, remark="GOMAXPROCS=1; HTTP with net/http",
         server=both(BUILD / "go" / "server"),
         leaves_out={"crossThreadLatency": "there is one thread", "crossThreadThroughput": "there is one thread"}),
    Peer("libuv", libuv, [BUILD / "libuv" / "scenarios"], [BUILD / "libuv" / "hello"],
         lambda: "libuv " + output_of("dpkg-query", "-W", "-f", "${Version}", "libuv1-dev") + ", "
         + output_of("cc", "--version").splitlines()[0],
         ("libuv1-dev", "libhttp-parser-dev", "gcc"), "/usr/include/http_parser.h",
         remark=f"{NO_TASKS}; HTTP with http_parser", server=both(BUILD / "libuv" / "server"),
         leaves_out=dict.fromkeys(
             ["switch", "spawn", "parked", "eventWake", "lock", "queue", "gather", "waitFor", "waitForTimeout"], NO_TASKS)),
    Peer("nio", lambda: swift(SOURCES / "nio", BUILD / "nio"), [BUILD / "nio" / "release" / "Scenarios"],
         [BUILD / "nio" / "release" / "Hello"], nio_version, remark="an `EventLoop`: callbacks and futures, no tasks; HTTP with NIOHTTP1",
         server=both(BUILD / "nio" / "release" / "Server"),
         leaves_out=dict.fromkeys(["parked", "lock", "queue"], NO_TASKS)),
    Peer("swift", lambda: swift(SOURCES / "swift-default", BUILD / "swift-default"),
         [BUILD / "swift-default" / "release" / "Scenarios"], [BUILD / "swift-default" / "release" / "Hello"],
         swift_version, remark="`Task` on the default executor, all processors",
         leaves_out={"lock": "none in the standard library", "queue": "none in the standard library", "echo": "no sockets",
                     "http": "no sockets"}),
    Peer("asyncio", lambda: python("httptools"), [PYTHON, SOURCES / "asyncio" / "scenarios.py"], [PYTHON, SOURCES / "asyncio" / "hello.py"],
         python_version, is_slow=True, remark="protocols; HTTP with httptools",
         server=both(PYTHON, SOURCES / "asyncio" / "server.py")),
    Peer("uvloop", lambda: python("uvloop", "httptools"), [PYTHON, SOURCES / "uvloop" / "scenarios.py"],
         [PYTHON, SOURCES / "uvloop" / "hello.py"], lambda: python_version("uvloop"), is_slow=True,
         remark="protocols; HTTP with httptools", server=both(PYTHON, SOURCES / "uvloop" / "server.py")),
    Peer("trio", lambda: python("trio"), [PYTHON, SOURCES / "trio" / "scenarios.py"],
         [PYTHON, SOURCES / "trio" / "hello.py"], lambda: python_version("trio"), is_slow=True,
         leaves_out={"http": NO_HTTP}, server={"echo": [PYTHON, SOURCES / "trio" / "server.py"]}),
]
"""In the order of the table."""
