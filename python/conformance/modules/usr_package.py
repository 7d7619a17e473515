from usr import uasyncio as a
import usr.uasyncio as b
import uasyncio as c
import asyncio as d
print(a is b, b is c, c is d)
