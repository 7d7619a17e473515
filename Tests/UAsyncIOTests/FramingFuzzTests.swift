import Scheduler
import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// For how long to go on: `UASYNCIO_FUZZ_SECONDS=600 swift test --filter FramingFuzzTests`; 200 cases if not given.
private let fuzzSeconds = getenv("UASYNCIO_FUZZ_SECONDS").flatMap { Int(String(cString: $0)) }
private let fuzzSeed = getenv("UASYNCIO_SEED").flatMap { UInt64(String(cString: $0)) }

@Suite struct FramingFuzzTests {
  @Test func `random reads of random bytes, cut anywhere and cancelled anywhere, give what was sent`() async throws {
    let cases = try await onLoopThread {
      let end = fuzzSeconds.map { time(nil) + $0 }
      var seed = fuzzSeed ?? 0
      let first = seed
      while end.map({ time(nil) < $0 }) ?? (seed < first + (fuzzSeed == nil ? 200 : 1)) {
        let chosen = seed
        do {
          try simulate(order: .seeded(chosen)) { try await RandomReads(seed: chosen).run() }
        } catch {
          throw Broken(description: "UASYNCIO_SEED=\(seed) repeats it: \(error)")
        }
        seed += 1
      }
      return seed - first
    }
    #expect(cases > 0)
    if fuzzSeconds != nil { print("framing: \(cases) cases, none failed") }
  }
}

/// Bytes of few kinds, so that separators are frequent, and reads of all kinds, each compared with what the rest of the
/// bytes says.
@LoopActor
private final class RandomReads {
  private var random: RandomSource
  private let seed: UInt64
  private var rest: ArraySlice<UInt8> = []
  private var stream: ByteStream!

  init(seed: UInt64) {
    self.seed = seed
    random = RandomSource(seed: seed)
  }

  func run() async throws {
    let bytes = (0..<random.next(below: 400)).map { _ in Array("ab\r\n;;".utf8)[random.next(below: 6)] }
    rest = bytes[...]
    let faults = StreamFaults(
      short: random.next(below: 60), singleByte: random.next(below: 60), notNow: random.next(below: 40),
      interrupted: random.next(below: 40), latency: .milliseconds(random.next(below: 8)),
      capacity: 1 + random.next(below: 200))
    let (one, other) = simulatedStreams(seed: seed, faults: faults, limits: StreamLimits(line: 1000))
    stream = other
    let writer = createTask {
      var unsent = bytes[...]
      while !unsent.isEmpty {
        let piece = unsent.prefix(1 + self.random.next(below: 50))
        unsent = unsent.dropFirst(piece.count)
        try await one.write(piece)
        if self.random.next(below: 3) == 0 { try await sleepMs(self.random.next(below: 10)) }
      }
      one.close()
    }
    while !rest.isEmpty { try await anyRead() }
    try require(try await other.readLine() == nil, "the end")
    try await writer.value
    other.close()
  }

  private func anyRead() async throws {
    let kind = random.next(below: 5)
    let number = random.next(below: 30)
    let separator = [Array(";".utf8), Array(";;".utf8), Array("\r\n".utf8), Array("a;b".utf8)][random.next(below: 4)]
    let limit = random.next(below: 8) == 0 ? nil : random.next(below: 60)
    switch kind {
    case 0:
      guard let read = try await patiently({ stream in try await stream.read(upTo: number + 1) }) else { return }
      try require(!read.isEmpty && rest.starts(with: read) && read.count <= number + 1, "read: \(read)")
      rest = rest.dropFirst(read.count)
    case 1:
      try await expect(rest.count >= number ? number : nil) { stream in try await stream.readExactly(number) }
    case 2:
      let end = start(of: separator).map { $0 + separator.count }
      try await expect(end, exceeds: exceeds(separator, limit)) { stream in
        try await stream.readUntil(separator, limit: limit)
      }
    case 3:
      let end = start(of: [10]).map { $0 + 1 } ?? rest.count
      try await expect(end, exceeds: exceeds([10], limit)) { stream in
        guard let line = try await stream.readLine(limit: limit) else { return [] }
        return Array(line.utf8)
      }
    default:
      guard random.next(below: 20) == 0 else { return }
      try await expect(rest.count) { stream in try await stream.readAll() }
    }
  }

  private func start(of separator: [UInt8]) -> Int? {
    let all = Array(rest)
    guard all.count >= separator.count else { return nil }
    return (0...all.count - separator.count).first { all[$0..<$0 + separator.count].elementsEqual(separator) }
  }

  /// Whether the separator, or the lack of it, is beyond the limit: nil where what has come so far decides.
  private func exceeds(_ separator: [UInt8], _ limit: Int?) -> Bool {
    let limit = limit ?? 1000
    if let start = start(of: separator) { return start > limit }
    return rest.count - separator.count + 1 > limit
  }

  /// Compares a read with the number of bytes that it should take; nil where it should fail with what there is.
  private func expect(
    _ count: Int?, exceeds: Bool = false, _ read: @escaping @LoopActor (ByteStream) async throws -> [UInt8]
  ) async throws {
    do {
      guard let bytes = try await patiently(read) else { return }
      guard let count, !exceeds else { throw Broken(description: "nothing was thrown; read \(bytes)") }
      let expected = Array(rest.prefix(count))
      // Of a line, what ends it is left off.
      let line = String(decoding: expected, as: UTF8.self)
      let stripped = line.hasSuffix("\r\n") ? line.dropLast() : line.hasSuffix("\n") ? line.dropLast() : line[...]
      try require(bytes == expected || bytes == Array(stripped.utf8), "\(bytes) and not \(expected)")
      rest = rest.dropFirst(count)
    } catch StreamError.incomplete(let partial, _) {
      try require(count == nil && !exceeds && partial == Array(rest), "incomplete: \(partial) of \(Array(rest))")
      rest = []
    } catch StreamError.limitExceeded {
      try require(exceeds, "within the limit")
      // The bytes are still there.
      let read = try await stream.read(upTo: 1)
      try require(rest.starts(with: read), "still there")
      rest = rest.dropFirst(read.count)
    }
  }

  /// Reads with time limits that are too short, again and again; nil where it has given up, for another kind of read.
  private func patiently(
    _ read: @escaping @LoopActor (ByteStream) async throws -> [UInt8]
  ) async throws -> [UInt8]? {
    let stream = stream!
    for _ in 0..<random.next(below: 3) {
      do {
        return try await waitForMs(random.next(below: 3)) { try await read(stream) }
      } catch is TimeoutError {
        if random.next(below: 3) == 0 { return nil }
      }
    }
    return try await read(stream)
  }
}
