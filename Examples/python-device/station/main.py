import asyncio

from station.client import Client
from station.sensor import Thermometer
from station.watchdog import Watchdog


async def report(thermometer, client, watchdog):
    while True:
        await thermometer.fresh.wait()
        thermometer.fresh.clear()
        watchdog.feed()
        client.send("%.2f" % thermometer.mean)


async def station(probe, reset, **connection):
    thermometer, client, watchdog = Thermometer(probe), Client(**connection), Watchdog(reset)
    asyncio.create_task(thermometer.run())
    asyncio.create_task(client.run())
    asyncio.create_task(watchdog.run())
    asyncio.create_task(report(thermometer, client, watchdog))
    return thermometer, client, watchdog
