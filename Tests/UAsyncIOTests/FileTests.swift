import CPlatform
import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct FileTests {
  @Test func `a pipe carries bytes one way, and its end; without a reader a write is an error, not a signal`()
    async throws
  {
    try await simulateSockets {
      let (reader, writer) = try openPipe()
      let all = createTask { try await reader.readAll() }
      try await writer.write(pattern(200_000))
      try writer.closeWrite()
      try require(try await all.value == pattern(200_000), "all of it")
      try require(await errorOf { try await reader.write([1]) } == "StreamError", "the wrong way")
      reader.close()
      let (gone, orphan) = try openPipe()
      gone.close()
      do {
        try await orphan.write([1])
        throw Broken(description: "nothing was thrown")
      } catch let error as IOError {
        try require(error.errorNumber == EPIPE, "\(error)")
      }
      orphan.close()
    }
  }

  @Test func `a regular file is a stream that is always ready`() async throws {
    try await simulateSockets {
      let stream = try openStream(owning: open("/etc/passwd", O_RDONLY), direction: .reading)
      var lines = 0
      for try await line in stream.lines where line.contains(":") { lines += 1 }
      try require(lines > 0, "there are users")
      stream.close()
      try require(await errorOf { _ = try openStream(owning: -1) } == "IOError", "no descriptor")
    }
  }

  @Test func `what input is redirected from is read to its end, whatever it is`() async throws {
    try await simulateSockets {
      let nothing = open("/dev/null", O_RDWR)
      let file = open("/etc/passwd", O_RDONLY)
      defer { [nothing, file].forEach { close($0) } }
      let empty = try openShared(descriptor: nothing, direction: .reading)
      try require(try await empty.readAll().isEmpty, "/dev/null has nothing")
      let sink = try openShared(descriptor: nothing, direction: .writing)
      try await sink.write(pattern(1_000_000))
      try await sink.drain()
      let reader = try openShared(descriptor: file, direction: .reading)
      let text = try await reader.readAll()
      try require(!text.isEmpty && text.last == 10, "a file")
      // Whoever reads the file after us goes on where we have ended, as with a shell's `read`.
      try require(lseek(file, 0, SEEK_CUR) == text.count, "the place in the file is shared")
      try require(await errorOf { _ = try openShared(descriptor: 9999, direction: .reading) } == "IOError", "closed")
      for stream in [empty, sink, reader] { stream.close() }
    }
  }

  @Test func `a shared descriptor stays blocking for the others, and open`() async throws {
    try await simulateSockets {
      var ends: [Int32] = [0, 0]
      try require(pipe(&ends) == 0, "pipe")
      let stream = try openShared(descriptor: ends[0], direction: .reading)
      try require(fcntl(ends[0], F_GETFL) & O_NONBLOCK == 0, "blocking")
      try require(write(ends[1], "line\n", 5) == 5, "written")
      try require(try await stream.readLine() == "line", "read")
      stream.close()
      try require(fcntl(ends[0], F_GETFL) & O_NONBLOCK == 0, "still blocking, and open")
      for end in ends { close(end) }
    }
  }

  @Test func `a descriptor of a stream cannot be awaited by others`() async throws {
    try await simulateSockets {
      let (one, other) = try openStreamPair()
      try require(await errorOf { try await waitReadable(one.descriptor!) } == "LoopError", "it belongs to the stream")
      one.close()
      other.close()
    }
  }

  @Test func `a serial port passes every byte as it is, at its speed, both ways`() async throws {
    try await simulateSockets {
      var path = [CChar](repeating: 0, count: 64)
      let master = platform_open_pty(&path)
      try require(master >= 0, "pty")
      let board = try openStream(owning: master)
      let name = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let port = try openSerialPort(path: name, SerialSettings(speed: 250_000, stopBits: 2))
      try require(port.serialSpeed == 250_000, "\(String(describing: port.serialSpeed))")
      let all = [UInt8](0...255)
      try await port.write(all)
      try require(try await board.readExactly(256) == all, "to the board")
      try await board.write(all)
      try require(try await port.readExactly(256) == all, "to the port")
      try port.setSerial(SerialSettings(speed: 9600, parity: .even))
      try require(port.serialSpeed == 9600, "another speed")
      try require(await errorOf { try port.setSerial(SerialSettings(speed: 0)) } == "IOError", "no speed")
      try require(await errorOf { try port.closeWrite() } == "IOError", "a terminal has no half-close")
      port.close()
      try require(try await board.readAll().isEmpty, "the other side has gone")
      board.close()
      let error = await errorOf { _ = try openSerialPort(path: "/etc/passwd", SerialSettings(speed: 9600)) }
      try require(error == "IOError", "no terminal: \(error)")
    }
  }

  @Test func `a raw terminal hands over each key as it is pressed, and is afterwards as it was`() async throws {
    try await simulateSockets {
      var path = [CChar](repeating: 0, count: 64)
      let master = platform_open_pty(&path)
      let terminal = open(path, O_RDWR | O_NOCTTY)
      try require(master >= 0 && terminal >= 0, "pty")
      defer { close(terminal) }
      let settings = {
        var settings = termios()
        tcgetattr(terminal, &settings)
        return settings.c_lflag
      }
      let before = settings()
      try require(before & tcflag_t(ICANON | ECHO) != 0, "a terminal hands over lines, and shows them")
      let keys = try openStream(owning: master)
      let input = try openShared(descriptor: terminal, direction: .reading)
      try await input.withRawTerminal {
        // Ctrl-C, and no line end.
        try await keys.write([3, 97])
        try require(try await input.readExactly(2) == [3, 97], "each key")
      }
      try require(settings() == before, "as it was")
      let error = await errorOf { try await input.withRawTerminal { throw Boom() } }
      try require(error == "Boom" && settings() == before, "also after an error")
      input.close()
      keys.close()
    }
  }
}
