"""Drawings of the results as SVG, without any library: bars for the scenarios, lines for the slopes.

Both have a logarithmic scale: what is compared are ratios.
"""

import math
from xml.sax.saxutils import escape

COLORS = {
    "uasyncio": "#e4572e", "tiny": "#f29479", "tokio": "#4c78a8", "smol": "#72b7b2", "go": "#54a24b", "libuv": "#9d755d", "nio": "#b279a2",
    "swift": "#f2a65a", "asyncio": "#7f7f7f", "uvloop": "#a5a5a5", "trio": "#c4c4c4"}
STYLE = (
    "text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 } "
    ".faint { fill: #777; font-size: 11px } .grid { stroke: #ddd; stroke-width: 1 } svg { background: #fff }")


def time_text(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def document(width, height, parts):
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f'<style>{STYLE}</style>\n<rect width="{width}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n')


def decades(values):
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def bars(title, groups):
    """`groups`: (title, [(peer, nanoseconds)]). One bar for each peer of each group."""
    left, right, row = 90, 90, 17
    width, y = 760, 50
    low, high = decades([value for _, entries in groups for _, value in entries])
    scale = (width - left - right) / (high - low)
    parts = [text(12, 24, title, "title")]
    for name, entries in groups:
        y += 10
        parts.append(text(12, y + 4, name))
        y += 12
        for peer, value in entries:
            length = max(1, (math.log10(value) - low) * scale)
            parts.append(text(left - 8, y + 12, peer, "faint", "end"))
            parts.append(
                f'<rect x="{left}" y="{y + 2}" width="{length:.1f}" height="{row - 4}" rx="2" fill="{COLORS.get(peer, "#999")}"/>')
            parts.append(text(left + length + 6, y + 12, time_text(value), "faint"))
            y += row
        y += 6
    grid = []
    for decade in range(low, high + 1):
        x = left + (decade - low) * scale
        grid.append(f'<line class="grid" x1="{x:.1f}" y1="44" x2="{x:.1f}" y2="{y}"/>')
        grid.append(text(x, 40, time_text(10.0 ** decade), "faint", "middle"))
    return document(width, y + 12, grid + parts)


def lines(title, unit, series):
    """`series`: peer → [(number, nanoseconds)]. One line for each peer, both axes logarithmic."""
    width, height, left, right, top, bottom = 560, 340, 60, 110, 44, 44
    low_x, high_x = decades([number for points in series.values() for number, _ in points])
    low_y, high_y = decades([value for points in series.values() for _, value in points])

    def place(number, value):
        x = left + (math.log10(number) - low_x) / (high_x - low_x) * (width - left - right)
        return x, height - bottom - (math.log10(value) - low_y) / (high_y - low_y) * (height - top - bottom)

    parts = [text(12, 24, title, "title"), text((left + width - right) / 2, height - 8, unit, "faint", "middle")]
    for decade in range(low_y, high_y + 1):
        _, y = place(10.0 ** low_x, 10.0 ** decade)
        parts.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}"/>')
        parts.append(text(left - 8, y + 4, time_text(10.0 ** decade), "faint", "end"))
    for decade in range(low_x, high_x + 1):
        x, _ = place(10.0 ** decade, 10.0 ** low_y)
        parts.append(text(x, height - bottom + 16, f"{10 ** decade:,}", "faint", "middle"))
    ends = []
    for peer, points in series.items():
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in sorted(points)))
        color, thickness = COLORS.get(peer, "#999"), 3 if peer == "uasyncio" else 1.7
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{thickness}"/>')
        ends.append((place(*max(points))[1], peer, color))
    # The names at the ends of the lines give way to each other.
    y = 0
    for end, peer, color in sorted(ends):
        y = max(end, y + 13)
        parts.append(f'<rect x="{width - right + 6}" y="{y - 5:.1f}" width="9" height="9" fill="{color}"/>')
        parts.append(text(width - right + 20, y + 4, peer, "faint"))
    return document(width, height, parts)


GROUPS = [
    ("tasks", "Tasks", ["switch-1", "switch-100", "switch-10000", "spawn", "parked-100000", "gather-1000"]),
    ("waiting", "Waiting for each other", ["eventWake-10000", "lock-100", "queue-16", "crossThreadLatency", "crossThreadThroughput"]),
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
            save(name, title, bars(f"{title}: {what}", groups))

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
            save(f"slope-{series}", f"{title}, by number of {unit}", lines(f"{title}: time for one operation", unit, points))
    return images
