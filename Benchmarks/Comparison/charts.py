"""The drawings of the results: bars for the scenarios, lines for the slopes."""

from . import drawing

GROUPS = [
    ("tasks", "Tasks", ["switch-1", "switch-100", "switch-10000", "spawn", "parked-100000", "gather-1000"]),
    ("waiting", "Waiting for each other", ["eventWake-10000", "lock-100", "queue-16", "crossThreadLatency-together", "crossThreadThroughput-together"]),
    ("time", "Time", ["timers-2000", "cancel-100000", "waitFor", "waitForTimeout-1000"]),
]
TRAFFIC = [
    ("echo", "Echo", ["echo-64-1", "echo-64-50", "echo-64-1000", "echo-16384-50"]),
    ("http", "HTTP", ["http-1", "http-50", "http-1000"]),
]
SLOPES = [
    ("switch", "Task switch", "tasks"),
    ("parked", "Creating a parked task", "tasks at once"),
    ("sleepAmong", "A sleep among sleepers", "other timers"),
    ("cancel", "Cancelling a sleeping task", "tasks at once"),
]


def draw(result, folder):
    """Writes the drawings for what was measured. Returns the files' names and titles."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = {entry["key"]: entry["title"] for entry in result["scenarios"] + result["loads"]}
    images = []

    def save(name, title, content):
        (folder / f"{name}.svg").write_text(content)
        images.append((f"{name}.svg", title))

    def compared(name, title, keys, found, what):
        groups = []
        for key in keys:
            entries = [(peer, entry["ns"]) for peer, entry in found.get(key, {}).items() if "ns" in entry]
            if entries:
                groups.append((titles[key], sorted(entries, key=lambda entry: entry[1])))
        if groups:
            save(name, title, drawing.bars(title, f"{what}; shorter is better", groups))

    for group in GROUPS:
        compared(*group, result["times"], "time for one operation")
    for group in TRAFFIC:
        compared(*group, result["traffic"], "processor time of the server for one request")
    for series, title, unit in SLOPES:
        points = {}
        for scenario in result["scenarios"]:
            if scenario["series"] and scenario["series"][0] == series:
                for peer, entry in result["times"][scenario["key"]].items():
                    if "ns" in entry:
                        points.setdefault(peer, []).append((scenario["series"][1], entry["ns"]))
        points = {peer: found for peer, found in points.items() if len(found) > 1}
        if points:
            save(f"slope-{series}", f"{title}, by number of {unit}", drawing.lines(f"{title}: time for one operation", unit, points))
    return images
