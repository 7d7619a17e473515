"""Echo; it says where it listens, and runs until it is killed."""

import trio


async def echo(stream):
    try:
        async for data in stream:
            await stream.send_all(data)
    except trio.BrokenResourceError:
        pass


async def serve():
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1", backlog=1024)
    print("listening on", listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(echo, listeners)


trio.run(serve)
