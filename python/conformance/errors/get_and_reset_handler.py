import asyncio
loop = asyncio.get_event_loop()
print(loop.get_exception_handler())
def handler(loop, context):
    print("handler", context["message"])
loop.set_exception_handler(handler)
print(loop.get_exception_handler() is handler)
loop.call_exception_handler({"message": "by hand"})
loop.set_exception_handler(None)
print(loop.get_exception_handler())
