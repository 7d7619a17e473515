import asyncio, time
print(time.ticks_diff(time.ticks_add(5, 10), 5))
print(time.ticks_diff(5, time.ticks_add(5, 10)))
t = time.ticks_ms()
time.sleep_ms(12)
print(12 <= time.ticks_diff(time.ticks_ms(), t) < 40)
print(0 <= time.ticks_us(), 0 <= time.ticks_cpu())
