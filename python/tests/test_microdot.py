"""`microdot`, a web framework that runs on MicroPython, serves its own kinds of applications under the runner."""

import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import ENVIRONMENT, PLAIN_ENVIRONMENT

pytest.importorskip("microdot")

APPLICATION = """
import asyncio
from microdot import Microdot, send_file
from microdot.sse import with_sse
from microdot.websocket import with_websocket

app = Microdot()

@app.route("/")
async def index(request):
    return "Hello, world!"

@app.route("/sync/<name>")
def sync(request, name):
    # On MicroPython a handler that is no coroutine runs in the loop's thread, and may touch the loop.
    asyncio.create_task(asyncio.sleep(0))
    return {"name": name, "q": request.args.get("q")}

@app.post("/json")
async def json(request):
    return {"got": request.json}, 201

@app.route("/stream")
async def stream(request):
    async def lines():
        for i in range(5):
            yield f"line {i}\\n"
            await asyncio.sleep_ms(5)
    return lines()

@app.route("/events")
@with_sse
async def events(request, sse):
    for i in range(3):
        await sse.send({"i": i})

@app.route("/file")
async def file(request):
    return send_file(__file__, content_type="text/plain")

@app.route("/ws")
@with_websocket
async def ws(request, ws):
    while True:
        await ws.send("echo " + await ws.receive())

@app.errorhandler(404)
async def missing(request):
    return "nothing here", 404

app.run(host="127.0.0.1", port=PORT)
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    script = tmp_path_factory.mktemp("microdot") / "application.py"
    script.write_text(APPLICATION.replace("PORT", str(port)))
    process = subprocess.Popen([sys.executable, "-m", "uasyncio", str(script)], stderr=subprocess.PIPE, env=ENVIRONMENT)
    for _ in range(500):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    yield port
    process.send_signal(signal.SIGINT)
    process.wait(20)
    process.stderr.close()


def request(port, path, method="GET", body=None, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def test_routes(port):
    assert request(port, "/") == (200, "Hello, world!")
    assert request(port, "/missing") == (404, "nothing here")


def test_handlers_that_are_no_coroutines(port):
    assert request(port, "/sync/bob?q=3") == (200, '{"name": "bob", "q": "3"}')


def test_json(port):
    headers = {"Content-Type": "application/json"}
    assert request(port, "/json", "POST", '{"a": [1, 2]}', headers) == (201, '{"got": {"a": [1, 2]}}')


def test_streaming(port):
    assert request(port, "/stream") == (200, "".join(f"line {i}\n" for i in range(5)))


def test_server_sent_events(port):
    status, body = request(port, "/events")
    assert status == 200
    assert body.count("data:") == 3


def test_files(port):
    status, body = request(port, "/file")
    assert status == 200 and "Hello, world!" in body


def frame(text):
    mask, data = os.urandom(4), text.encode()
    return bytes([0x81, 0x80 | len(data)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


def test_websockets(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        key = base64.b64encode(os.urandom(16)).decode()
        s.sendall(
            f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        stream = s.makefile("rb")
        assert b"101" in stream.readline()
        while stream.readline().strip():
            pass
        for text in ("one", "two"):
            s.sendall(frame(text))
            head = stream.read(2)
            assert stream.read(head[1]).decode() == f"echo {text}"


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_curl(port):
    words = ["curl", "-s", f"http://127.0.0.1:{port}/stream"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, env=PLAIN_ENVIRONMENT)
    assert said.stdout == "".join(f"line {i}\n" for i in range(5))


@pytest.mark.skipif(not shutil.which("wrk"), reason="there is no wrk")
def test_wrk(port):
    words = ["wrk", "-t1", "-c50", "-d1s", f"http://127.0.0.1:{port}/"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, env=PLAIN_ENVIRONMENT).stdout
    assert "Requests/sec" in said
    assert "Non-2xx" not in said and "Socket errors" not in said, said
