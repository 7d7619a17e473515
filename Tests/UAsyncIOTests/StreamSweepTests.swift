import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct StreamSweepTests {
  @Test(arguments: 0..<7)
  func `wherever a read is cancelled, the next ones get every byte once`(way: Int) async throws {
    let text = Array((0..<9).map { "line \($0), and more\n" }.joined().utf8)
    let points = try await onLoopThread {
      var points = 0
      for seed in 0..<2 as Range<UInt64> {
        points += try cancelSweep(of: "reader") {
          let (one, other) = simulatedStreams(seed: seed, faults: .many)
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
          other.close()
          return kept.bytes
        } check: { outcome in
          let bytes = try outcome.result.get()
          try require(bytes == text, "\(bytes.count) of \(text.count) bytes")
          try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
        }
      }
      return points
    }
    #expect(points > 40)
  }

  @Test func `wherever a write is cancelled, it was sent whole or not at all, and once`() async throws {
    let points = try await onLoopThread {
      var points = 0
      for seed in 0..<2 as Range<UInt64> {
        points += try cancelSweep(of: "writer") {
          let (one, other) = simulatedStreams(seed: seed, faults: .many, limits: StreamLimits(highWaterMark: 40))
          let kept = Kept()
          let writer = createTask(name: "writer") {
            for number in 0..<25 as Range<UInt8> {
              let message = [UInt8](repeating: number, count: 20)
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
          return (kept.bytes + [255], try await reader.value)
        } check: { outcome in
          let (written, read) = try outcome.result.get()
          try require(written == read, "\(written.count) were written, \(read.count) read")
          try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
        }
      }
      return points
    }
    #expect(points > 40)
  }

  @Test func `of several writers one is cancelled, and the others' writes stay whole and get their turn`() async throws
  {
    let points = try await onLoopThread {
      try cancelSweep(of: "writer 1") {
        let (one, other) = simulatedStreams(seed: 3, faults: .many, limits: StreamLimits(highWaterMark: 10))
        let kept = Kept()
        let writers = (0..<3 as Range<UInt8>).map { number in
          createTask(name: "writer \(number)") {
            for _ in 0..<8 {
              try await one.write([UInt8](repeating: number, count: 15))
              kept.bytes.append(number)
            }
          }
        }
        let reader = createTask { try await other.readAll() }
        for writer in writers { _ = await writer.result }
        one.close()
        try await one.waitClosed()
        return (kept.bytes, try await reader.value)
      } check: { outcome in
        let (written, read) = try outcome.result.get()
        try require(read == written.flatMap { [UInt8](repeating: $0, count: 15) }, "whole, and in order")
        try require(written.count { $0 != 1 } == 16, "the others have written all")
      }
    }
    #expect(points > 10)
  }

  @Test func `a read with a time limit can be repeated until all is there`() async throws {
    let text = Array((0..<30).map { "\($0)\n" }.joined().utf8)
    for seed in 0..<20 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let (one, other) = simulatedStreams(seed: seed, faults: .many)
        let writer = createTask {
          for byte in text {
            try await one.write([byte])
            try await sleepMs(3)
          }
          one.close()
        }
        var lines: [String] = []
        var timeouts = 0
        while true {
          do {
            guard let line = try await waitForMs(2, { try await other.readLine() }) else { break }
            lines.append(line)
          } catch is TimeoutError { timeouts += 1 }
        }
        try require(lines == (0..<30).map(String.init), "\(lines)")
        try require(timeouts > 20, "\(timeouts)")
        try await writer.value
        other.close()
      }
    }
  }
}

/// What a coroutine leaves for the one that comes after it.
@LoopActor
private final class Kept {
  var bytes: [UInt8] = []
}

/// Reads a stream in one of several ways, and keeps each piece as soon as it has it.
@LoopActor
private func read(_ stream: ByteStream, _ way: Int, _ kept: Kept) async throws {
  switch way {
  case 0: kept.bytes += try await stream.readAll()
  case 1: for try await piece in stream.chunks(upTo: 11) { kept.bytes += piece }
  case 2: while let line = try await stream.readLine() { kept.bytes += Array(line.utf8) + [10] }
  case 3: while true { kept.bytes += try await pieceOrEnd(kept) { try await stream.readExactly(13) } }
  case 4: while true { kept.bytes += try await pieceOrEnd(kept) { try await stream.readUntil([44, 32]) } }
  case 5:
    var buffer = [UInt8](repeating: 0, count: 17)
    while true {
      let count = try await stream.read(into: &buffer)
      if count == 0 { return }
      kept.bytes += buffer[..<count]
    }
  default:
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 19, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      kept.bytes += try await pieceOrEnd(kept) {
        try await stream.readExactly(into: buffer)
        return Array(buffer)
      }
    }
  }
}

@LoopActor
private func pieceOrEnd(_ kept: Kept, _ body: () async throws -> [UInt8]) async throws -> [UInt8] {
  do {
    return try await body()
  } catch StreamError.incomplete(let partial, let expected) {
    kept.bytes += partial
    throw StreamError.incomplete(partial: [], expected: expected)
  }
}
