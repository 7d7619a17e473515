import Testing
import UAsyncIO
import UAsyncIOTesting

/// Bytes of which no two neighbouring stretches are alike.
func pattern(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 251 &+ $0 / 63_001) }
}

@Suite struct StreamTests {
  @Test func `every way of reading gives the bytes that were written, whatever goes wrong under way`() async throws {
    let lines = (0..<25).map { String(repeating: "\($0),", count: $0) }
    let text = Array(lines.map { $0 + "\n" }.joined().utf8)
    for seed in 0..<70 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let way = Int(seed % 7)
        let (one, other) = simulatedStreams(seed: seed, faults: .many)
        let writer = createTask {
          for start in stride(from: 0, to: text.count, by: 97) {
            try await one.write(text[start..<min(text.count, start + 97)])
          }
          try one.closeWrite()
        }
        let read = try await readEverything(other, way)
        try require(read == text, "way \(way): \(read.count) of \(text.count) bytes")
        try await writer.value
        one.close()
        other.close()
      }
    }
  }

  @Test func `lines are without their ends, and what follows the last line feed is a line`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      try await one.write("one\r\ntwo\n\n\r\n\rthree\r")
      one.close()
      var lines: [String] = []
      for try await line in other.lines { lines.append(line) }
      try require(lines == ["one", "two", "", "", "\rthree\r"], "\(lines)")
      try require(try await other.readLine() == nil, "the end stays")
    }
  }

  @Test func `a line that is too long is an error, not memory, and its bytes are still there`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(limits: StreamLimits(line: 10))
      try await one.write("0123456789\n01234567890\nrest")
      one.close()
      try require(try await other.readLine() == "0123456789", "as long as may be")
      try require(await errorOf { _ = try await other.readLine() } == "StreamError", "too long")
      try require(await errorOf { _ = try await other.readUntil([10]) } == "StreamError", "still too long")
      try require(try await other.readLine(limit: 11) == "01234567890", "another limit")
      try require(try await other.readAll() == Array("rest".utf8), "the rest")
    }
    try await simulate {
      let (one, other) = simulatedStreams(limits: StreamLimits(line: 1000))
      let writer = createTask { while true { try await one.write(pattern(997).filter { $0 != 10 }) } }
      try require(await errorOf { _ = try await other.readLine() } == "StreamError", "no end of it")
      try require(other.statistics.receivedAndNotRead < 1000 + 65_536, "bounded")
      writer.cancel()
      _ = await writer.result
      one.abort()
      other.close()
    }
  }

  @Test func `a stream that ends too early says so, and gives what there was`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      try await one.write("abc")
      one.close()
      do {
        _ = try await other.readExactly(5)
        throw Broken(description: "nothing was thrown")
      } catch StreamError.incomplete(let partial, let expected) {
        try require(partial == Array("abc".utf8) && expected == 5, "\(partial)")
      }
      try require(try await other.read(upTo: 10).isEmpty, "the end")
      try require(try await other.readAll().isEmpty, "the end, again")
      try require(try await other.readExactly(0).isEmpty, "nothing is always there")
    }
  }

  @Test func `a second reader is refused, and the first one is not disturbed`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      let first = createTask { try await other.readLine() }
      try await sleep(0)
      do {
        _ = try await other.read(upTo: 1)
        throw Broken(description: "nothing was thrown")
      } catch StreamError.inUse {}
      try await one.write("line\n")
      try require(try await first.value == "line", "the first one has it")
    }
  }

  @Test func `a peer that does not read stops those who write, and memory does not grow`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(
        faults: StreamFaults(capacity: 1000), limits: StreamLimits(highWaterMark: 5000))
      var written = 0
      let writers = (0..<3).map { _ in
        createTask {
          while true {
            try await one.write(pattern(700))
            written += 1
          }
        }
      }
      try await sleep(100)
      try require(one.statistics.writtenAndNotSent <= 5000 + 700, "\(one.statistics)")
      try require(one.statistics.waitingWriters == 3, "\(one.statistics)")
      let before = written
      _ = try await other.readExactly(7000)
      try await sleep(1)
      try require(written > before, "they go on")
      for writer in writers { writer.cancel() }
      for writer in writers { try require(await writer.result.isCancelled, "cancelled") }
      one.close()
      let rest = try await other.readAll()
      try require(7000 + rest.count == written * 700, "what was taken was sent, and nothing else")
    }
  }

  @Test func `closing wakes those who wait, with a clear error, and sends what was written`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(faults: StreamFaults(capacity: 100), limits: StreamLimits(highWaterMark: 50))
      let reader = createTask { try await one.read(upTo: 1) }
      try await one.write(pattern(200))
      let writer = createTask { try await one.write([1]) }
      let drainer = createTask { try await one.drain() }
      try await sleep(1)
      one.close()
      try require(await errorOf { _ = try await reader.value } == "StreamError", "reader")
      try require(await errorOf { try await writer.value } == "StreamError", "writer")
      try require(await errorOf { try await one.write([1]) } == "StreamError", "later")
      try require(await errorOf { _ = try await one.readAll() } == "StreamError", "later")
      try require(!one.statistics.isClosed, "there is something to send")
      try require(try await other.readAll() == pattern(200), "it is sent")
      try await drainer.value
      try await one.waitClosed()
    }
  }

  @Test func `a half-closed stream can still be read`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(faults: .many)
      try await one.write("question")
      try one.closeWrite()
      try one.closeWrite()
      try require(await errorOf { try await one.write("more") } == "StreamError", "no more")
      try require(try await other.readAll() == Array("question".utf8), "the question, and its end")
      try await other.write("answer")
      other.close()
      try require(try await one.readAll() == Array("answer".utf8), "the answer")
      one.close()
      try await one.waitClosed()
      try await other.waitClosed()
    }
  }

  @Test func `a connection that breaks is an error for all who use it, then and later`() async throws {
    for seed in 0..<20 as Range<UInt64> {
      try await simulate {
        var faults = StreamFaults.many
        faults.resetAfter = 500
        let (one, other) = simulatedStreams(seed: seed, faults: faults)
        let writer = createTask {
          await errorOf { while true { try await one.write(pattern(50)) } }
        }
        var received: [UInt8] = []
        let error = await errorOf {
          for try await piece in other.chunks() { received += piece }
        }
        try require(error == "IOError", "reader: \(error)")
        try require(received.elementsEqual((0..<11).flatMap { _ in pattern(50) }.prefix(received.count)), "in order")
        try require(try await writer.value == "IOError", "writer")
        try require(await errorOf { try await one.drain() } == "IOError", "drain")
        one.close()
        try require(await errorOf { try await one.waitClosed() } == "IOError", "waitClosed")
        other.close()
      }
    }
  }

  @Test func `a peer that takes nothing does not keep a stream from closing for ever`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(faults: StreamFaults(capacity: 10))
      try await one.write(pattern(100))
      one.close()
      try require(await errorOf { try await one.waitClosed() } == "IOError", "given up")
      try require(milliseconds() == 30_000, "\(milliseconds())")
      other.close()
    }
  }

  @Test func `a slow peer, one byte a second, is waited for`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      let writer = createTask {
        for byte in "slow\n".utf8 {
          try await one.write([byte])
          try await sleep(1)
        }
      }
      try require(try await other.readLine() == "slow", "the line")
      try require(milliseconds() == 4000, "\(milliseconds())")
      try await writer.value
    }
  }

  @Test func `a stream that is always ready lets others run`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(faults: StreamFaults(capacity: 1_000_000))
      try await one.write(pattern(100_000))
      var steps = 0
      let bystander = createTask { while true { try await sleep(0); steps += 1 } }
      for _ in 0..<10_000 { _ = try await other.readExactly(10) }
      try require(steps > 100, "\(steps)")
      bystander.cancel()
      _ = await bystander.result
    }
  }

  @Test func `writers come in the order in which they began, also where one lets others run before it`() async throws {
    let lines = try await simulate { () -> [String] in
      let (one, other) = simulatedStreams()
      let writers = (0..<1000).map { number in createTask { try await one.write("\(number)\n") } }
      let reader = createTask {
        var lines: [String] = []
        for try await line in other.lines { lines.append(line) }
        return lines
      }
      _ = try await gather(writers)
      one.close()
      defer { other.close() }
      return try await reader.value
    }
    #expect(lines == (0..<1000).map(String.init))
  }

  @Test func `a stream that always has room lets others run`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(faults: StreamFaults(capacity: 1_000_000))
      var steps = 0
      let bystander = createTask { while true { try await sleep(0); steps += 1 } }
      for number in 0..<10_000 {
        switch number % 3 {
        case 0: try await one.write([1, 2, 3])
        case 1: try await one.write([1, 2, 3, 4][1...])
        default: try await one.write("abc")
        }
      }
      try require(steps > 100, "\(steps)")
      bystander.cancel()
      _ = await bystander.result
      one.close()
      try require(try await other.readAll().count == 30_000, "all of it")
    }
  }
}

/// Reads a stream to its end in one of several ways.
@LoopActor
func readEverything(_ stream: ByteStream, _ way: Int) async throws -> [UInt8] {
  var all: [UInt8] = []
  switch way {
  case 0: return try await stream.readAll()
  case 1: for try await piece in stream.chunks(upTo: 11) { all += piece }
  case 2: while let line = try await stream.readLine() { all += Array(line.utf8) + [10] }
  case 3:
    do {
      while true { all += try await stream.readExactly(13) }
    } catch StreamError.incomplete(let partial, _) { all += partial }
  case 4:
    do {
      while true { all += try await stream.readUntil([UInt8(ascii: ","), 10]) }
    } catch StreamError.incomplete(let partial, _) { all += partial }
  case 5:
    var buffer = [UInt8](repeating: 0, count: 17)
    while true {
      let count = try await stream.read(into: &buffer)
      if count == 0 { break }
      all += buffer[..<count]
    }
  default:
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 19, alignment: 1)
    defer { buffer.deallocate() }
    do {
      while true {
        try await stream.readExactly(into: buffer)
        all += buffer
      }
    } catch StreamError.incomplete(let partial, _) { all += partial }
  }
  return all
}
