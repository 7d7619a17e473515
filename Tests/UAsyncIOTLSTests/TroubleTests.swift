import Testing
import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

/// Peers that do not follow TLS, or do not go on with it.
@Suite struct TroubleTests {
  /// The error of a client's handshake with a peer who does something else.
  @LoopActor
  private func client(meets peer: @escaping @LoopActor (ByteStream) async throws -> Void) async throws -> TLSError? {
    let (one, other) = simulatedStreams()
    let work = createTask { try await peer(other) }
    defer { other.abort() }
    do {
      let stream = try await one.startTLS(try clientContext(), serverName: "example.test")
      stream.abort()
      return nil
    } catch let error as TLSError {
      work.cancel()
      _ = await work.result
      return error
    }
  }

  @Test(arguments: ["220 mail.example.test ready\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0\0\0\0\0\0"])
  func `a server that speaks something else is an error that says so`(greeting: String) async throws {
    try await simulate {
      let error = try await client { other in try await other.write(greeting) }
      try require(error?.kind == .violation && error?.host == "example.test", "\(String(describing: error))")
      try require("\(error!)".contains("does not seem to speak TLS"), "\(error!)")
    }
  }

  @Test func `a client that speaks something else is an error that says so`() async throws {
    try await simulate {
      for greeting in ["GET / HTTP/1.1\r\nHost: example.test\r\n\r\n", "EHLO example.test\r\n"] {
        let (one, other) = simulatedStreams()
        try await one.write(greeting)
        do {
          _ = try await other.startTLS(try serverContext())
          try require(false, "hands were shaken")
        } catch let error as TLSError {
          try require(error.kind == .violation && "\(error)".contains("does not seem to speak TLS"), "\(error)")
        }
        one.abort()
      }
    }
  }

  @Test func `bytes without sense end a handshake, whatever they are`() async throws {
    for seed in 0..<60 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        var random = SeededNumbers(seed: seed)
        let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Some of them begin like a record of the handshake.
        let start: [UInt8] = seed % 2 == 0 ? [22, 3, UInt8(seed % 4), 0, UInt8(truncatingIfNeeded: 40 + seed)] : []
        let error = try await client { other in
          try await other.write(start + noise)
          other.close()
        }
        try require(error != nil, "no error")
      }
    }
  }

  @Test func `a peer that goes in the middle of a handshake is an error, wherever it goes`() async throws {
    try await simulate {
      // A client's first words are some 200 bytes; a server's flight some 700.
      for count in [0, 1, 5, 6, 50, 200] {
        let error = try await client { other in
          _ = try await other.readExactly(count)
          other.close()
        }
        try require(error?.kind == .cutOff, "\(count): \(String(describing: error))")
        try require("\(error!)".contains("closed in the middle"), "\(error!)")
      }
      for count in [0, 1, 5, 6, 100, 300, 600] {
        let (one, relay) = simulatedStreams()
        let (otherRelay, other) = simulatedStreams()
        let server = createTask { try await other.startTLS(try serverContext()) }
        let passing = createTask {
          let hello = try await relay.read(upTo: 65_536)
          try await otherRelay.write(hello)
          try await relay.write(try await otherRelay.readExactly(count))
          relay.close()
          otherRelay.close()
        }
        do {
          _ = try await one.startTLS(try clientContext(), serverName: "example.test")
          try require(false, "hands were shaken")
        } catch let error as TLSError { try require(error.kind == .cutOff, "\(count): \(error)") }
        try await passing.value
        guard case .failure = await server.result else { throw Broken(description: "the server shook hands") }
      }
    }
  }

  @Test func `a peer that says nothing has a minute for the handshake`() async throws {
    try await simulate {
      let began = loopTime()
      let error = try await client { other in _ = try await other.readExactly(1_000_000) }
      try require(error?.kind == .timedOut && loopTime() - began == .seconds(60), "\(String(describing: error))")
      let (one, other) = simulatedStreams()
      let context = try TLSServerContext(identity: Authority.ours.identity(), handshakeLimit: .seconds(5))
      do {
        _ = try await other.startTLS(context)
        try require(false, "hands were shaken")
      } catch let error as TLSError { try require(error.kind == .timedOut, "\(error)") }
      try require(loopTime() - began == .seconds(65), "\(loopTime() - began)")
      one.abort()
    }
  }

  @Test func `a connection that breaks says which, and how`() async throws {
    try await simulate {
      for limit in stride(from: 10, to: 1500, by: 120) {
        let (one, other) = simulatedStreams(faults: StreamFaults(resetAfter: limit))
        let server = createTask {
          let safe = try await other.startTLS(try serverContext())
          defer { safe.abort() }
          try await safe.write([UInt8](repeating: 1, count: 2000))
          _ = try await safe.read(upTo: 1)
        }
        do {
          let stream = try await one.startTLS(try clientContext(), serverName: "example.test")
          defer { stream.abort() }
          _ = try await stream.readExactly(2000)
          try require(false, "nothing broke at \(limit)")
        } catch let error as IOError {
          try require(error.errorNumber == 104 && error.host == "example.test", "\(error)")
        }
        _ = await server.result
      }
    }
  }

  @Test func `what is changed on the way is noticed`() async throws {
    try await simulate {
      let (one, relay) = simulatedStreams()
      let (otherRelay, other) = simulatedStreams()
      let changes = Event()
      let passing = [
        createTask {
          for try await piece in relay.chunks() { try await otherRelay.write(piece) }
        },
        createTask {
          for try await piece in otherRelay.chunks() {
            var piece = piece
            if changes.isSet { piece[piece.count - 1] ^= 1 }
            try await relay.write(piece)
          }
        },
      ]
      let answer = createTask { try await other.startTLS(try serverContext()) }
      let client = try await one.startTLS(try clientContext(), serverName: "example.test")
      let server = try await answer.value
      try await server.write("good")
      try require(try await client.readExactly(4) == Array("good".utf8), "good")
      changes.set()
      try await server.write("bad")
      do {
        _ = try await client.readExactly(3)
        try require(false, "it was taken")
      } catch let error as TLSError {
        try require(error.kind == .violation && "\(error)".contains("bad record mac"), "\(error)")
      }
      for stream in [client, server, relay, otherRelay] { stream.abort() }
      for task in passing { _ = await task.result }
    }
  }
}

/// Numbers of a seed.
private struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
