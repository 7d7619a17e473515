"""How it is told: a table in Markdown, and everything in JSON."""

import json


def time_text(nanoseconds):
    if nanoseconds >= 9950:
        return f"{nanoseconds / 1000:,.0f} µs"
    if nanoseconds >= 995:
        return f"{nanoseconds / 1000:.1f} µs"
    return f"{nanoseconds:.0f}"


def bytes_text(number):
    if number is None:
        return "–"
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{number / 1e3:.0f} KB"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" + "--:|" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def cell(entry, ours, is_left_out):
    """Time of an operation, and how many times ours it is; nothing where the peer was not there yet."""
    if entry is None:
        return "–" if is_left_out else ""
    if "ns" not in entry:
        return "×"
    text = time_text(entry["ns"])
    if ours is None or entry is ours:
        return text
    return f"{text} ({entry['ns'] / ours['ns']:.2g})" if entry["ns"] < 99.5 * ours["ns"] else f"{text} ({entry['ns'] / ours['ns']:.0f})"


def times(result):
    peers = {peer["name"]: peer["leaves_out"] for peer in result["peers"] if not peer["only_hello"]}
    rows = []
    for scenario in result["scenarios"]:
        found = result["times"][scenario["key"]]
        ours = found.get("uasyncio")
        ours = ours if ours and "ns" in ours else None
        rows.append([scenario["title"]] + [
            cell(found.get(name), ours, scenario["program"] in left_out) for name, left_out in peers.items()])
    return table(["Nanoseconds for one operation", *peers], rows)


def requests_cell(entry, ours, value, goes_up):
    if entry is None:
        return "–"
    if "ns" not in entry:
        return "×"
    text = f"{value(entry):,.0f}"
    if ours is None or entry is ours:
        return text
    return f"{text} ({value(entry) / value(ours):.2f})" if goes_up else text


def traffic(result):
    """Three tables: what counts, and what users see."""
    lines = []
    peers = [peer["name"] for peer in result["peers"] if any(peer["name"] in found for found in result["traffic"].values())]
    for head, value, goes_up in (
            ("Requests for each second of the server's processor time", lambda entry: 1e9 / entry["ns"], True),
            ("Requests a second, as it came out (medians)", lambda entry: entry["rate"]["median"], True),
            ("Latency of 99 of 100 requests, microseconds (medians)", lambda entry: entry["p99"] / 1000, False)):
        rows = []
        for load in result["loads"]:
            found = result["traffic"][load["key"]]
            ours = found.get("uasyncio")
            ours = ours if ours and "ns" in ours else None
            rows.append([load["title"]] + [requests_cell(found.get(name), ours, value, goes_up) for name in peers])
        lines += table([head] + peers, rows)
    if not result["loads"]:
        return []
    return lines + [
        "Server and load generator have a processor each. The first table has the best of the rounds, and in brackets how "
        "many times ours; the others tell as much of the load generator and of the machine as of the servers.", ""]


def memory_of_tasks(result):
    rows = []
    for scenario in result["scenarios"]:
        found = result["times"][scenario["key"]]
        if scenario["program"] == "parked" and (scenario["parameter"] or 0) >= 100_000:
            for name, entry in found.items():
                if "bytes" in entry:
                    rows.append([f"{scenario['parameter']:,}", name, f"{entry['bytes']:,.0f}"])
    return table(["Parked tasks", "Peer", "Resident bytes for each"], rows) if rows else []


def hello(result):
    rows = []
    for name, entry in result["hello"].items():
        startup = entry["startup"]
        rows.append([
            name, f"{startup['min'] / 1e6:.1f} ms ({startup['median'] / 1e6:.1f})", bytes_text(entry["resident"]),
            bytes_text(entry["anonymous"]), bytes_text(entry["size"])])
    head = ["A program that says hello", "Start to end, least (median)", "Resident", "of that, its own", "Size, stripped"]
    return table(head, rows) if rows else []


def floors(result):
    rows = [
        [scenario["title"], time_text(result["times"][scenario["key"]]["uasyncio"]["ns"])]
        for scenario in result["floors"] if "ns" in result["times"][scenario["key"]].get("uasyncio", {})]
    return table(["A suspension without a library", "Nanoseconds"], rows) if rows else []


def remarks(result):
    lines = []
    for peer in result["peers"]:
        text = f"- **{peer['name']}**: {peer['version']}"
        if peer["remark"]:
            text += f"; {peer['remark']}"
        if peer["leaves_out"]:
            text += "; left out: " + ", ".join(f"`{name}` ({why})" for name, why in sorted(peer["leaves_out"].items()))
        lines.append(text + ".")
    for name, why in result["unavailable"].items():
        # The command, and its last word.
        said = why.splitlines()
        lines.append(f"- **{name}** is not in the table: {' '.join(dict.fromkeys([said[0], said[-1]]))}")
    for key, found in (result["times"] | result["traffic"]).items():
        lines += [f"- × {key}, {name}: {entry['message']}." for name, entry in found.items() if "message" in entry]
    return lines + [""]


def markdown(result, charts):
    machine = result["machine"]
    lines = [
        "# Beside others", "",
        f"{result['date']}, {machine['processor']}, {machine['processors']} processors, {machine['memory_gb']} GB, "
        f"{machine['system']}. At most {result['rounds']} interleaved rounds; load {machine['load_before']} before and "
        f"{machine['load_after']} after.", "",
        "Nanoseconds, or what is written. Each figure is the least of the rounds; in brackets, how many times ours. It is the processor time of the whole "
        "process, and for what comes from another thread the time on the clock. A dash: the peer has no notion of it; nothing: it was not there yet. "
        f"Made by `Scripts/compare-peers`; medians and both times are in `{charts['json']}`.", ""]
    lines += (times(result) if result["scenarios"] else []) + floors(result) + traffic(result) + memory_of_tasks(result) + hello(result)
    for name, title in charts["images"]:
        lines += [f"![{title}]({name})", ""]
    return "\n".join(lines + ["## Versions and what is left out", ""] + remarks(result))


def keep_other_rows(result, folder, order):
    """Takes over from the last results what was not measured now: whole rows, so that all in a row is of the same run."""
    try:
        last = json.loads((folder / "comparison.json").read_text())
    except FileNotFoundError:
        return
    if not {peer["name"] for peer in last["peers"] if not peer["only_hello"]} <= {peer["name"] for peer in result["peers"]}:
        raise SystemExit("the last results are those of other peers: nothing was written")
    now = {scenario["key"] for scenario in result["scenarios"]}
    result["scenarios"] += [scenario for scenario in last["scenarios"] if scenario["key"] not in now]
    result["scenarios"].sort(key=lambda scenario: order.index(scenario["key"]))
    result["floors"] = result["floors"] or last["floors"]
    result["times"] = last["times"] | result["times"]
    measured = {load["key"] for load in result["loads"]}
    result["loads"] += [load for load in last.get("loads", []) if load["key"] not in measured]
    result["loads"].sort(key=lambda load: order.index(load["key"]))
    result["traffic"] = last.get("traffic", {}) | result["traffic"]
    result["hello"] = result["hello"] or last["hello"]
    result["rounds"] = max(result["rounds"], last["rounds"])


def write(result, folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "comparison.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    text = markdown(result, {"json": "comparison.json", "images": images})
    (folder / "comparison.md").write_text(text)
