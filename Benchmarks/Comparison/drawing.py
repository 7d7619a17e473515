"""Bars and lines as SVG, without any library. All scales are logarithmic: what is compared are ratios.

A drawing has a background of its own, and both change with the reader's colour scheme, so it can be read on any page.
"""

import math
from xml.sax.saxutils import escape

COLORS = {
    "uasyncio": "#e4572e", "tiny": "#f29479", "tokio": "#4c78a8", "smol": "#72b7b2", "go": "#54a24b", "libuv": "#9d755d", "nio": "#b279a2",
    "swift": "#c7ab3a", "asyncio": "#7f7f7f", "uvloop": "#a5a5a5", "trio": "#c4c4c4"}
OURS = ("uasyncio", "tiny")
STYLE = """
.page { fill: #fff } .grid { stroke: #ddd } .between { stroke: #f1f1f1 }
text { font: 12px system-ui, sans-serif; fill: #333; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; paint-order: stroke }
.title { font-size: 15px; font-weight: 600 } .faint { fill: #666; font-size: 11px } .ours { font-size: 11px; font-weight: 700 }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } .grid { stroke: #3d444d } .between { stroke: #1d232b }
text { fill: #e6edf3; stroke: #0d1117 } .faint { fill: #a0a8b2 }
}"""


def time_text(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def name_text(x, y, peer, anchor="start"):
    return text(x, y, peer, "ours" if peer in OURS else "faint", anchor)


def line(kind, x1, y1, x2, y2):
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def document(width, height, parts):
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}">\n'
        f'<style>{STYLE}</style>\n<rect class="page" width="{width}" height="{height:.0f}"/>\n{body}\n</svg>\n')


def decades(values):
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def ticks(low, high):
    """The places of a scale's lines in decades: the decades, and twice and five times of them between."""
    for decade in range(low, high + 1):
        yield decade, "grid"
        if decade < high:
            yield decade + math.log10(2), "between"
            yield decade + math.log10(5), "between"


def bars(title, note, groups):
    """`groups`: (title, [(peer, nanoseconds)]). One bar for each peer of each group; two groups beside each other."""
    width, top, row, label, value_room = 820, 64, 16, 66, 58
    column = (width - 12) / 2
    low, high = decades([value for _, entries in groups for _, value in entries])
    scale = (column - 12 - label - value_room) / (high - low)
    grid, parts = [], [text(12, 24, title, "title"), text(12, 42, f"{note}; logarithmic scale", "faint")]
    y = top
    for pair in (groups[index:index + 2] for index in range(0, len(groups), 2)):
        height = 38 + row * max(len(entries) for _, entries in pair)
        for place, (name, entries) in enumerate(pair):
            left = 12 + place * column + label
            parts.append(text(left - label, y + 4, name))
            for number, kind in ticks(low, high):
                x = left + (number - low) * scale
                grid.append(line(kind, x, y + 22, x, y + 26 + row * len(entries)))
                if kind == "grid":
                    grid.append(text(x, y + 19, time_text(10.0 ** number), "faint", "middle"))
            for index, (peer, value) in enumerate(entries):
                length, at = max(1, (math.log10(value) - low) * scale), y + 26 + row * index
                parts.append(name_text(left - 6, at + 10, peer, "end"))
                parts.append(
                    f'<rect x="{left:.1f}" y="{at}" width="{length:.1f}" height="{row - 3}" rx="2" fill="{COLORS.get(peer, "#999")}"/>')
                parts.append(text(left + length + 5, at + 10, time_text(value), "ours" if peer in OURS else "faint"))
        y += height + 14
    return document(width, y, grid + parts)


def apart(places, least, lowest):
    """Moves places, which are in order, so that they are at least so far from each other, and none is below the lowest."""
    for step in range(1, len(places)):
        places[step] = max(places[step], places[step - 1] + least)
    for step in reversed(range(len(places))):
        places[step] = min(places[step], lowest)
        lowest = places[step] - least
    return places


def lines(title, unit, series):
    """`series`: peer → [(number, nanoseconds)]. One line for each peer, both axes logarithmic."""
    width, height, left, right, top, bottom = 560, 360, 60, 96, 56, 46
    low_x, high_x = decades([number for points in series.values() for number, _ in points])
    low_y, high_y = decades([value for points in series.values() for _, value in points])

    def place(x, y):
        return (
            left + (x - low_x) / (high_x - low_x) * (width - left - right),
            height - bottom - (y - low_y) / (high_y - low_y) * (height - top - bottom))

    parts = [
        text(12, 24, title, "title"), text(12, 42, "both scales are logarithmic", "faint"),
        text((left + width - right) / 2, height - 8, unit, "faint", "middle")]
    for number, kind in ticks(low_y, high_y):
        _, y = place(low_x, number)
        parts.append(line(kind, left, y, width - right, y))
        if kind == "grid":
            parts.append(text(left - 8, y + 4, time_text(10.0 ** number), "faint", "end"))
    for decade in range(low_x, high_x + 1):
        x, y = place(decade, low_y)
        parts.append(line("grid", x, top, x, y))
        parts.append(text(x, y + 16, f"{10 ** decade:,}", "faint", "middle"))
    ends = []
    # Ours last: they lie above the others.
    for peer in sorted(series, key=lambda peer: peer in OURS):
        points = [place(math.log10(number), math.log10(value)) for number, value in sorted(series[peer])]
        color, thickness = COLORS.get(peer, "#999"), 3 if peer in OURS else 1.5
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{thickness}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{thickness}" fill="{color}"/>' for x, y in points]
        ends.append((points[-1][1], peer))
    ends.sort()
    for y, (_, peer) in zip(apart([end for end, _ in ends], 13, height - bottom), ends):
        parts.append(f'<rect x="{width - right + 10}" y="{y - 5:.1f}" width="9" height="9" fill="{COLORS.get(peer, "#999")}"/>')
        parts.append(name_text(width - right + 24, y + 4, peer))
    return document(width, height, parts)
