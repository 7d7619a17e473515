import asyncio
import socket
import time

import pytest
from fakes import Probe, Server
from station.main import station

DAY = 24 * 3600


async def test_a_day_without_trouble():
    server, resets = Server(), []
    thermometer, client, _ = await station(Probe(), lambda: resets.append(time.ticks_ms()), connect=server.connect)
    await asyncio.sleep(DAY)
    assert client.sent == len(server.lines) == DAY // 60
    assert server.connections == 1
    assert thermometer.failures == 0
    assert resets == []


async def test_nothing_is_lost_when_the_server_is_away_for_an_hour():
    server = Server(down=[(3600, 7200)])
    _, client, _ = await station(Probe(), lambda: None, connect=server.connect)
    await asyncio.sleep(3 * 3600)
    assert client.sent == 180
    assert client.attempts < 40
    assert client.queue == []


async def test_a_silent_probe_costs_one_reading_each_time():
    thermometer, client, _ = await station(Probe(silent_every=10), lambda: None, connect=Server().connect)
    await asyncio.sleep(3600)
    assert thermometer.failures == 6
    assert client.sent == 54


async def test_the_watchdog_resets_when_the_probe_is_dead():
    resets = []
    await station(Probe(silent_every=1), lambda: resets.append(time.ticks_ms() // 1000), connect=Server().connect)
    await asyncio.sleep(1000)
    assert resets == [300, 600, 900]


@pytest.mark.seeds(50)
async def test_any_order_of_tasks_sends_every_reading():
    server = Server(down=[(600, 900)])
    _, client, _ = await station(Probe(silent_every=7), lambda: None, connect=server.connect)
    await asyncio.sleep(1800)
    assert client.sent == len(server.lines) == 26


def free_port():
    """A port of this machine that nobody else has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_the_real_network():
    lines = []
    port = free_port()

    async def serve(reader, writer):
        while line := await reader.readline():
            lines.append(line)
            writer.write(b"ok\n")
            await writer.drain()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", port):
        _, client, _ = await station(Probe(), lambda: None, port=port)
        await asyncio.sleep(150)
    assert lines == [b"21.00\n", b"21.50\n", b"22.00\n"]
