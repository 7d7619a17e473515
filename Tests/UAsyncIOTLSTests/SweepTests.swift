import Testing
import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

/// Wherever a coroutine is cancelled: nothing is lost, nothing comes twice, and the stream goes on or is gone.
@Suite struct SweepTests {
  private static let faults = StreamFaults(
    short: 30, singleByte: 5, notNow: 15, interrupted: 10, latency: .milliseconds(5), capacity: 150)

  @Test(arguments: ["client", "server"])
  func `wherever a handshake is cancelled, both ends are told, and nothing is left open`(which: String) async throws {
    let contexts = (try clientContext(), try serverContext())
    let points = try await onLoopThread {
      try cancelSweep(of: which) {
        let (one, other) = simulatedStreams(seed: 3, faults: Self.faults)
        let client = createTask(name: "client") { try await one.startTLS(contexts.0, serverName: "example.test") }
        let server = createTask(name: "server") { try await other.startTLS(contexts.1) }
        let ends = (await client.result, await server.result)
        // Whoever has finished finds out by the next read.
        for case .success(let stream) in [ends.0, ends.1] { stream.abort() }
        try require(one.isClosingOrClosed && other.isClosingOrClosed, "the plain streams are closed")
        return ends
      } check: { outcome in
        let (client, server) = try outcome.result.get()
        let (cancelled, left) = which == "client" ? (client, server) : (server, client)
        if case .failure(let error) = cancelled { try require(error is CancellationError, "\(error)") }
        if case .failure(let error) = left { try require((error as? TLSError)?.kind == .cutOff, "\(error)") }
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points > 20)
  }

  @Test(arguments: 0..<5)
  func `wherever a read is cancelled, the next ones get every byte once`(way: Int) async throws {
    let contexts = (try clientContext(), try serverContext())
    let text = Array((0..<40).map { "line \($0), and more\n" }.joined().utf8)
    let points = try await onLoopThread {
      try cancelSweep(of: "reader") {
        let (one, other) = try await safePair(contexts.0, contexts.1, seed: 5, faults: Self.faults)
        let writer = createTask {
          for start in stride(from: 0, to: text.count, by: 61) {
            try await one.write(text[start..<min(text.count, start + 61)])
          }
          one.close()
        }
        let kept = Kept()
        let reader = createTask(name: "reader") { try await read(other, way, kept) }
        _ = await reader.result
        kept.bytes += try await other.readAll()
        try await writer.value
        try await one.waitClosed()
        other.close()
        try await other.waitClosed()
        return kept.bytes
      } check: { outcome in
        let bytes = try outcome.result.get()
        try require(bytes == text, "\(bytes.count) of \(text.count) bytes")
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points > 20)
  }

  @Test func `wherever a write is cancelled, it was sent whole or not at all, and once`() async throws {
    let contexts = (try clientContext(), try serverContext())
    let points = try await onLoopThread {
      try cancelSweep(of: "writer") {
        let limits = StreamLimits(highWaterMark: 200)
        let (one, other) = try await safePair(contexts.0, contexts.1, seed: 7, faults: Self.faults, limits: limits)
        let kept = Kept()
        let writer = createTask(name: "writer") {
          for number in 0..<30 as Range<UInt8> {
            let message = [UInt8](repeating: number, count: 90)
            try await one.write(message)
            kept.bytes += message
            if number % 5 == 4 { try await one.drain() }
          }
        }
        let reader = createTask { try await other.readAll() }
        _ = await writer.result
        try await one.write([255])
        one.close()
        try await one.waitClosed()
        let bytes = try await reader.value
        other.close()
        try await other.waitClosed()
        return (kept.bytes + [255], bytes)
      } check: { outcome in
        let (written, read) = try outcome.result.get()
        try require(written == read, "\(written.count) were written, \(read.count) read")
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points > 30)
  }

  @Test func `wherever waiting for the end is cancelled, the end comes all the same`() async throws {
    let contexts = (try clientContext(), try serverContext())
    let points = try await onLoopThread {
      try cancelSweep(of: "closer") {
        let (one, other) = try await safePair(contexts.0, contexts.1, seed: 9, faults: StreamFaults(capacity: 20))
        let words = [UInt8](repeating: 7, count: 2000)
        let closer = createTask(name: "closer") {
          try await one.write(words)
          try await one.drain()
          one.close()
          try await one.waitClosed()
        }
        let reader = createTask { try await other.readAll() }
        _ = await closer.result
        one.close()
        try await one.waitClosed()
        let bytes = try await reader.value
        other.close()
        try await other.waitClosed()
        return bytes == words
      } check: { outcome in
        try require(try outcome.result.get(), "the words, and an end")
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points >= 4)
  }
}

/// Reads a stream in one of several ways, and keeps each piece as soon as it has it.
@LoopActor
private func read(_ stream: ByteStream, _ way: Int, _ kept: Kept) async throws {
  switch way {
  case 0: kept.bytes += try await stream.readAll()
  case 1: for try await piece in stream.chunks(upTo: 11) { kept.bytes += piece }
  case 2: while let line = try await stream.readLine() { kept.bytes += Array(line.utf8) + [10] }
  case 3:
    var buffer = [UInt8](repeating: 0, count: 17)
    while true {
      let count = try await stream.read(into: &buffer)
      if count == 0 { return }
      kept.bytes += buffer[..<count]
    }
  default:
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 19, alignment: 1)
    defer { buffer.deallocate() }
    do {
      while true {
        try await stream.readExactly(into: buffer)
        kept.bytes += Array(buffer)
      }
    } catch StreamError.incomplete(let partial, _) { kept.bytes += partial }
  }
}
