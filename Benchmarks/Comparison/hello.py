"""The least program of each peer, looked at from outside: how long it takes, and how large it is."""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from .measure import Progress


def start_up(peer):
    """The nanoseconds from its start to its end."""
    command = [str(word) for word in peer.hello]
    began = time.perf_counter_ns()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=os.environ | peer.environment)
    return time.perf_counter_ns() - began


def memory(peer):
    """The bytes that it has in memory when it has said hello: all, and those that are its own and come from no file."""
    process = subprocess.Popen(
        [str(word) for word in peer.hello] + ["wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | peer.environment)
    process.stdout.readline()
    time.sleep(0.05)
    fields = {}
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        name, _, text = line.partition(":")
        if name in ("VmRSS", "RssAnon"):
            fields[name] = int(text.split()[0]) * 1024
    process.stdin.close()
    process.stdout.close()
    process.wait()
    return {"resident": fields["VmRSS"], "anonymous": fields["RssAnon"]}


def size(peer):
    """The bytes of the program without debug information; None where it is a script."""
    if len(peer.hello) > 1 or not shutil.which("strip"):
        return None
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, str(peer.hello[0])], check=True)
        return os.stat(copy.name).st_size


def measure(peers, rounds):
    """What was found for each peer; one whose program fails is left out, with a message."""
    times = {peer.name: [] for peer in peers}
    found = {}
    progress = Progress(len(peers) * rounds)
    for _ in range(rounds):
        for peer in peers:
            progress.step(f"hello: {peer.name}")
            if peer.name not in times:
                continue
            try:
                times[peer.name].append(start_up(peer))
            except (OSError, subprocess.SubprocessError) as reason:
                del times[peer.name]
                print(f"hello: {peer.name} is left out: {reason}", file=sys.stderr)
    for peer in (peer for peer in peers if peer.name in times):
        mine = times[peer.name]
        found[peer.name] = {
            "startup": {"min": min(mine), "median": statistics.median(mine)}, "size": size(peer), **memory(peer)}
    return found
