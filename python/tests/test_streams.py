"""Streams: nothing lost and nothing twice, whatever is cancelled; TLS; closing under those who wait."""

import os
import shutil
import socket
import ssl
import subprocess

import pytest
import uasyncio as asyncio


def pair():
    a, b = socket.socketpair()
    a.setblocking(False)
    b.setblocking(False)
    return asyncio.Stream(a), asyncio.Stream(b)


def test_a_cancelled_drain_sends_nothing_twice():
    async def main():
        writer, reader = pair()
        data = os.urandom(1_000_000)
        writer.write(data)
        received = b""
        while writer.out_buf:
            try:
                await asyncio.wait_for_ms(writer.drain(), 1)
            except asyncio.TimeoutError:
                pass
            received += await reader.read(100_000)
        writer.close()
        return received + await reader.read() == data

    assert asyncio.run(main())


@pytest.mark.parametrize("way", ["readline", "readexactly", "read"])
def test_a_read_whose_time_is_up_loses_nothing(way):
    async def main():
        writer, reader = pair()
        reads = {"readline": reader.readline, "readexactly": lambda: reader.readexactly(6), "read": reader.read}
        timeouts = 0
        for part in (b"ab", b"cd", b"e\n"):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for_ms(reads[way](), 2)
            timeouts += 1
            writer.write(part)
        if way == "read":
            writer.close()
        return await reads[way](), timeouts

    assert asyncio.run(main()) == (b"abcde\n", 3)


def test_two_tasks_may_drain_one_stream():
    async def main():
        writer, reader = pair()

        async def send(byte):
            writer.write(byte * 300_000)
            await writer.drain()

        tasks = [asyncio.create_task(send(byte)) for byte in (b"a", b"b")]
        received = b""
        while len(received) < 600_000:
            received += await reader.read(65536)
        for task in tasks:
            await task
        return received == b"a" * 300_000 + b"b" * 300_000

    assert asyncio.run(main())


def test_closing_under_a_reader_is_the_end_for_it():
    async def main():
        stream, _ = pair()
        reader = asyncio.create_task(stream.read(1))
        await asyncio.sleep(0)
        stream.close()
        await stream.wait_closed()
        return await reader

    assert asyncio.run(main()) == b""


def test_close_alone_closes_and_sends_what_was_written():
    async def main():
        writer, reader = pair()
        writer.write(b"x" * 500_000)
        writer.close()
        with pytest.raises(OSError):
            writer.write(b"more")
        return len(await reader.read())

    assert asyncio.run(main()) == 500_000


def test_a_descriptor_closed_under_a_waiter_does_not_block_its_successor():
    async def main():
        a, b = socket.socketpair()
        waiter = asyncio.create_task(asyncio.Stream(a).read(1))
        await asyncio.sleep_ms(1)
        number = a.fileno()
        a.close()
        b.close()
        c, d = socket.socketpair()
        assert number in (c.fileno(), d.fileno())
        first, second = (c, d) if c.fileno() == number else (d, c)
        second.send(b"new")
        answer = await asyncio.wait_for(asyncio.Stream(first).read(3), 5)
        try:
            await asyncio.wait_for(waiter, 1)
        except OSError:
            pass
        return answer

    assert asyncio.run(main()) == b"new"


def test_a_second_reader_is_refused_and_the_first_goes_on():
    async def main():
        a, b = pair()
        first = asyncio.create_task(a.read(5))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="already waits to read"):
            await a.read(5)
        b.write(b"hello")
        return await first

    assert asyncio.run(main()) == b"hello"


def test_a_regular_file_is_always_ready(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one\ntwo\n")

    async def main():
        with open(path, "rb", 0) as file:
            stream = asyncio.StreamReader(file)
            return await stream.readline(), await stream.readline(), await stream.readline()

    assert asyncio.run(main()) == (b"one\n", b"two\n", b"")


def test_a_text_stream_gives_text():
    async def main():
        a, b = os.pipe()
        reader = asyncio.StreamReader(open(a))
        os.write(b, "grün\n".encode())
        return await reader.readline()

    assert asyncio.run(main()) == "grün\n"


def test_names_are_looked_up_while_others_run():
    async def serve(reader, writer):
        await writer.awrite(b"hi")
        await writer.aclose()

    async def main():
        async with await asyncio.start_server(serve, "localhost", 18700):
            reader, _ = await asyncio.open_connection("localhost", 18700)
            return await reader.read()

    assert asyncio.run(main()) == b"hi"


def test_an_unknown_name_is_an_error():
    with pytest.raises(OSError):
        asyncio.run(asyncio.open_connection("nobody.invalid", 80))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
    subprocess.run([*words, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True,
                   capture_output=True)
    return certificate, key


@pytest.mark.parametrize("checks", [False, True])
def test_tls(certificate, checks):
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(*certificate)
    client_context = ssl.create_default_context(cafile=certificate[0]) if checks else True

    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper() * 2000)
            await writer.drain()
        await writer.aclose()

    async def main():
        async with await asyncio.start_server(serve, "127.0.0.1", 18701, ssl=server_context):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", 18701, ssl=client_context, server_hostname="localhost"
            )
            for word in (b"one\n", b"two\n"):
                writer.write(word)
                await writer.drain()
                assert await reader.readexactly(8000) == word.upper() * 2000
            await writer.aclose()

    asyncio.run(main())


def test_a_client_that_trusts_nobody_fails_and_the_server_goes_on(certificate, capsys):
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(*certificate)

    async def serve(reader, writer):
        await writer.awrite(b"hello")
        await writer.aclose()

    async def main():
        async with await asyncio.start_server(serve, "127.0.0.1", 18702, ssl=server_context):
            with pytest.raises(ssl.SSLError):
                await asyncio.open_connection("127.0.0.1", 18702, ssl=ssl.create_default_context(), server_hostname="localhost")
            reader, _ = await asyncio.open_connection("127.0.0.1", 18702, ssl=True)
            return await reader.read()

    assert asyncio.run(main()) == b"hello"
