"""Servers beside each other: echo over TCP, and HTTP/1.1 requests on connections that are kept.

Each server runs alone, on a processor of its own, against the same load generator on the others: our echo-load, and wrk.
What counts is how much of the server's processor time a request has cost; that depends little on how fast the load
generator is, and on what else the machine does.
"""

import os
import pathlib
import random
import re
import resource
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass

from . import measure, peers

ECHO_LOAD = peers.BUILD / "echo-load"


@dataclass(frozen=True)
class Traffic:
    title: str
    kind: str
    """The name by which the servers are asked for it, and peers leave it out."""
    connections: int
    size: int | None = None

    @property
    def key(self):
        return "-".join(str(part) for part in (self.kind, self.size, self.connections) if part is not None)


def connections_text(number):
    return "1 connection" if number == 1 else f"{number:,} connections"


TRAFFIC = [
    Traffic(f"echo of {text}, {connections_text(number)}", "echo", number, size)
    for size, text in ((64, "64 B"), (16_384, "16 KB")) for number in (1, 50, 1000)
] + [Traffic(f"HTTP requests, {connections_text(number)}", "http", number) for number in (1, 50, 1000)]
KINDS = ["echo", "http"]


def prepare(kind):
    """Installs or builds its load generator."""
    if kind == "http" and not shutil.which("wrk"):
        peers.install_packages("wrk")
    if kind == "echo":
        peers.BUILD.mkdir(parents=True, exist_ok=True)
        peers.run("cc", "-O2", "-Wall", "-o", ECHO_LOAD, peers.BENCHMARKS / "Load" / "echo-load.c")


# A server

def processors():
    """That of the server, and those of the load generator; the same where there is one only."""
    available = sorted(os.sched_getaffinity(0))
    return {available[0]}, set(available[1:]) or {available[0]}


def on(processor_set):
    def settle():
        os.sched_setaffinity(0, processor_set)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return settle


class Server:
    """A peer's server while it runs."""

    def __init__(self, peer, kind):
        self.command = [str(word) for word in peer.server[kind]]
        self.environment = os.environ | peer.environment

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
            env=self.environment, preexec_fn=on(processors()[0]))
        found = re.search(r"(\d+)\s*$", self.process.stdout.readline())
        if not found:
            self.__exit__()
            raise RuntimeError("the server has not started")
        self.port = found[1]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def processor_time(self):
        """Of all its threads, in nanoseconds."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


# The load

def load(command, limit):
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=limit, stdin=subprocess.DEVNULL,
        preexec_fn=on(processors()[1]))
    if result.returncode != 0:
        raise RuntimeError((result.stderr.strip().splitlines() or [f"the load ended with {result.returncode}"])[-1])
    return result.stdout


def ask_for_echo(server, traffic, seconds, limit):
    output = load([ECHO_LOAD, server.port, traffic.connections, traffic.size, seconds, server.process.pid], limit)
    return {name: int(number) for name, number in (word.split("=") for word in output.split())}


UNITS = {"us": 1e3, "ms": 1e6, "s": 1e9}


def ask_for_pages(server, traffic, seconds, limit):
    before, began = server.processor_time(), time.perf_counter_ns()
    output = load(
        ["wrk", "-t1", f"-c{traffic.connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "--latency",
         f"http://127.0.0.1:{server.port}/hello"], limit)
    cpu, wall = server.processor_time() - before, time.perf_counter_ns() - began
    if trouble := re.search(r"Socket errors:.*|Non-2xx.*", output):
        raise RuntimeError(trouble[0])
    requests = int(re.search(r"(\d+) requests in", output)[1])
    if requests == 0:
        raise RuntimeError("no request was answered")
    latencies = {
        f"p{part}": round(float(number) * UNITS[unit])
        for part, number, unit in re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)", output, re.M)}
    return {"requests": requests, "cpu": cpu, "wall": wall} | latencies


ASK = {"echo": ask_for_echo, "http": ask_for_pages}


def run_once(peer, traffic, seconds, limit):
    """What one server has done under one load, as numbers, or a message."""
    try:
        with Server(peer, traffic.kind) as server:
            return ASK[traffic.kind](server, traffic, seconds, limit)
    except subprocess.TimeoutExpired:
        return f"more than {limit} s"
    except (RuntimeError, OSError) as reason:
        return str(reason)


# The rounds

def summary(runs, message):
    if not runs:
        return {"message": message or measure.NOT_IN_TIME}
    each = sorted(run["cpu"] / run["requests"] for run in runs)
    rates = sorted(run["requests"] / run["wall"] * 1e9 for run in runs)
    return {
        "rounds": len(runs), "requests": sum(run["requests"] for run in runs),
        "cpu": {"min": each[0], "median": statistics.median(each), "max": each[-1]},
        "rate": {"min": rates[0], "median": statistics.median(rates), "max": rates[-1]},
        "p50": statistics.median(run["p50"] for run in runs), "p99": statistics.median(run["p99"] for run in runs),
        "ns": each[0]}


def takes_part(peer, traffic):
    return traffic.kind in peer.server


def measure_all(traffics, candidates, options, rounds):
    """Interleaved: in each round, each load once with each server, in random order: with a fixed one, a server would always
    begin with what the same other one has left in the caches and the kernel's memory."""
    plan = [
        (traffic, peer) for _ in range(rounds) for traffic in traffics
        for peer in random.sample(candidates, len(candidates)) if takes_part(peer, traffic)]
    runs = {(traffic.key, peer.name): [] for traffic, peer in plan}
    messages = {}
    progress = measure.Progress(len(plan))
    seconds = 0.2 if options.quick else options.seconds
    for traffic, peer in plan:
        progress.step(f"{traffic.title}: {peer.name}")
        mine = traffic.key, peer.name
        if mine in messages:
            continue
        outcome = run_once(peer, traffic, seconds, options.limit)
        if isinstance(outcome, str):
            messages[mine] = outcome
        else:
            runs[mine].append(outcome)
    return {
        traffic.key: {
            peer.name: summary(runs[traffic.key, peer.name], messages.get((traffic.key, peer.name)))
            for peer in candidates if takes_part(peer, traffic)}
        for traffic in traffics}
