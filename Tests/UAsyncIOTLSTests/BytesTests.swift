import COpenSSL
import Testing
import UAsyncIO
import UAsyncIOTesting

@testable import UAsyncIOTLS

/// Bytes that are all different from their neighbours, and from those of another seed.
private func sample(_ count: Int, _ seed: UInt64) -> [UInt8] {
  var state = seed &* 2 &+ 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
}

@Suite struct BytesTests {
  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `large amounts go both ways at once, whole`(version: TLSVersion) async throws {
    try await simulate {
      let (client, server) = try await safePair(
        try clientContext(versions: version...version), try serverContext(versions: version...version))
      let (there, back) = (sample(300_000, 1), sample(200_000, 2))
      let work = [
        createTask {
          for start in stride(from: 0, to: there.count, by: 100_001) {
            try await client.write(there[start..<min(there.count, start + 100_001)])
          }
          try client.closeWrite()
        },
        createTask {
          try await server.write(back)
          try server.closeWrite()
        },
        createTask { try require(try await client.readAll() == back, "back") },
        createTask { try require(try await server.readAll() == there, "there") },
      ]
      _ = try await gather(work)
      client.close()
      server.close()
    }
  }

  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `in whatever pieces records come, what is in them comes whole`(version: TLSVersion) async throws {
    let (client, server) = (
      try clientContext(versions: version...version), try serverContext(versions: version...version)
    )
    for seed in 0..<12 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let faults =
          seed % 3 == 0 ? StreamFaults(singleByte: 100, notNow: 20, capacity: 5) : .many
        let (one, other) = try await safePair(client, server, seed: seed, faults: faults)
        let (there, back) = (sample(6000, seed), sample(3000, seed + 100))
        let work = [
          createTask {
            for start in stride(from: 0, to: there.count, by: 700) {
              try await one.write(there[start..<min(there.count, start + 700)])
            }
            try one.closeWrite()
          },
          createTask {
            try await other.write(back)
            try other.closeWrite()
          },
          createTask { try require(try await other.readAll() == there, "there") },
        ]
        try require(try await one.readExactly(back.count) == back, "back")
        try require(try await one.readAll().isEmpty, "and an end")
        _ = try await gather(work)
        one.close()
        other.close()
      }
    }
  }

  @Test func `lines and separators work as on any stream`() async throws {
    try await simulate {
      let (client, server) = try await safePair(try clientContext(), try serverContext(), seed: 4, faults: .many)
      try await client.write("one\r\ntwo\n")
      try await client.write("\u{1F600};rest")
      client.close()
      try require(try await server.readLine() == "one", "one")
      try require(try await server.readLine() == "two", "two")
      try require(try await server.readUntil(UInt8(ascii: ";")) == Array("\u{1F600};".utf8), "separator")
      try require(try await server.readAll() == Array("rest".utf8), "rest")
      server.close()
    }
  }

  @Test func `a peer that does not read stops those who write, and gets everything later`() async throws {
    try await simulate {
      let (client, server) = try await safePair(try clientContext(), try serverContext())
      var written = 0
      let writer = createTask {
        for number in 0..<64 as Range<UInt8> {
          try await client.write([UInt8](repeating: number, count: 16_384))
          written += 1
        }
        client.close()
        try await client.waitClosed()
      }
      try await sleep(10)
      // The link holds 64 KB, the stream as much and one write more.
      try require(written < 15, "\(written) writes were taken")
      try require(client.statistics.writtenAndNotSent <= 65_536 + 16_384, "\(client.statistics)")
      let all = try await server.readAll()
      try require(all == (0..<64).flatMap { [UInt8](repeating: $0, count: 16_384) }, "\(all.count) bytes")
      try await writer.value
      server.close()
    }
  }

  @Test func `draining waits until the last record has been sent`() async throws {
    try await simulate {
      let (client, server) = try await safePair(
        try clientContext(), try serverContext(), faults: StreamFaults(capacity: 5000))
      try await client.write([UInt8](repeating: 1, count: 60_000))
      var isDrained = false
      let drain = createTask {
        try await client.drain()
        isDrained = true
      }
      try require(try await server.readExactly(1) == [1], "something")
      try await sleep(1)
      try require(!isDrained && client.statistics.writtenAndNotSent > 0, "\(client.statistics)")
      _ = try await server.readExactly(59_999)
      try await drain.value
      try require(client.statistics.writtenAndNotSent == 0, "\(client.statistics)")
      client.close()
      server.close()
    }
  }

  // MARK: - The end

  @Test func `a connection that is cut is no end`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      // The client's bytes pass through here, until they do not.
      let (inner, outer) = simulatedStreams()
      let relays = [
        createTask { try? await forward(from: one, to: outer) },
        createTask { try? await forward(from: outer, to: one) },
      ]
      let answer = createTask { try await inner.startTLS(try serverContext()) }
      let client = try await other.startTLS(try clientContext(), serverName: "example.test")
      let server = try await answer.value
      try await server.write("half of it")
      try require(try await client.readExactly(10) == Array("half of it".utf8), "what came")
      for relay in relays { relay.cancel() }
      for relay in relays { _ = await relay.result }
      one.close()
      do {
        _ = try await client.readAll()
        try require(false, "an end")
      } catch let error as TLSError {
        try require(error.kind == .cutOff && error.host == "example.test", "\(error)")
      }
      do {
        try await client.write("anybody?")
        try await client.drain()
        try require(false, "written")
      } catch let error as TLSError { try require(error.kind == .cutOff, "\(error)") }
      for stream in [client, server, outer] { stream.abort() }
    }
  }

  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `half a connection can be closed, from either end`(version: TLSVersion) async throws {
    try await simulate {
      for isServer in [false, true] {
        let (client, server) = try await safePair(
          try clientContext(versions: version...version), try serverContext(versions: version...version))
        let (one, other) = isServer ? (server, client) : (client, server)
        try await one.write("question")
        try one.closeWrite()
        try require(try await other.readAll() == Array("question".utf8), "question")
        try await other.write("answer")
        other.close()
        try require(try await one.readAll() == Array("answer".utf8), "answer")
        one.close()
        try await one.waitClosed()
      }
    }
  }

  @Test func `closing says so though there is no room to say it`() async throws {
    try await simulate {
      // Room for less than the message that ends TLS.
      let (client, server) = try await safePair(
        try clientContext(), try serverContext(), faults: StreamFaults(capacity: 7))
      try await client.write("last words")
      client.close()
      try await sleep(1)
      try require(!client.statistics.isClosed, "nobody has taken it")
      try require(try await server.readAll() == Array("last words".utf8), "and an end, not a cut")
      try await client.waitClosed()
      server.close()
      try await server.waitClosed()
      // What it had to say is given up by a task of its own.
      try await sleepMs(1)
    }
  }

  @Test func `a peer that takes nothing cannot keep a closed stream for ever`() async throws {
    try await simulate {
      let (client, server) = try await safePair(
        try clientContext(), try serverContext(), faults: StreamFaults(capacity: 9))
      client.close()
      let began = loopTime()
      do {
        try await client.waitClosed()
        try require(false, "it was told")
      } catch let error as IOError { try require(error.operation == "close", "\(error)") }
      try require(loopTime() - began == .seconds(30), "\(loopTime() - began)")
      server.abort()
    }
  }

  // MARK: - Messages of the handshake's kind, later

  @Test func `keys are changed in the middle of everything`() async throws {
    try await simulate {
      let (client, server) = try await safePair(
        try clientContext(), try serverContext(), seed: 5, faults: .many)
      let bytes = sample(9000, 5)
      let reading = createTask { try await server.readAll() }
      for start in stride(from: 0, to: bytes.count, by: 1000) {
        try await client.drain()
        try client.askForNewKeys()
        try await client.write(bytes[start..<start + 1000])
        try await server.write("x")
      }
      client.close()
      try require(try await reading.value == bytes, "whole")
      server.abort()
    }
  }

  @Test func `a peer that asks for answers and never takes them is cut off`() async throws {
    try await simulate {
      let (client, server) = try await safePair(try clientContext(), try serverContext())
      let flood = createTask {
        for _ in 0..<20_000 {
          try client.askForNewKeys()
          try await client.write("x")
        }
      }
      do {
        while true { try await server.readExactly(1000).isEmpty ? () : () }
      } catch let error as TLSError {
        try require(error.kind == .violation && error.reason.contains("answers"), "\(error)")
      }
      server.abort()
      _ = await flood.result
      client.abort()
    }
  }

  @Test func `a message of the handshake in several records stops nobody for good`() async throws {
    let names = (0..<40).map { "DNS:client\($0).example.test" }.joined(separator: ",")
    let client = try clientContext(identity: Authority.theirs.identity("a client with many names", for: names))
    let server = try serverContext(clients: .required(Authority.theirs.trust))
    // The ticket has the client's certificate in it, and does not fit into one of these.
    SSL_CTX_ctrl(server.handle.context, SSL_CTRL_SET_MAX_SEND_FRAGMENT, 512, nil)
    for seed in 0..<20 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let faults = StreamFaults(short: 20, notNow: 10, latency: .milliseconds(5), capacity: 600)
        let (one, other) = try await safePair(client, server, seed: seed, faults: faults)
        let listening = createTask { try await other.readAll() }
        // The client begins to read the ticket, and does not go on while it writes and closes.
        let reading = createTask { try await one.read(upTo: 1) }
        for number in 0..<20 {
          try await one.write("some words, ")
          if number == seed { reading.cancel() }
          try await sleepMs(1)
        }
        one.close()
        let words = (0..<20).flatMap { _ in Array("some words, ".utf8) }
        try require(try await listening.value == words, "all words")
        try await one.waitClosed()
        _ = await reading.result
        other.close()
        try await other.waitClosed()
      }
    }
  }
}

extension ByteStream {
  /// Has the peer use new keys, and answer that it does.
  fileprivate func askForNewKeys() throws {
    let layer = (transport as! LayeredTransport).layer as! TLSLayer
    try require(SSL_key_update(layer.connection, SSL_KEY_UPDATE_REQUESTED) == 1, "a key update")
  }
}

@LoopActor
private func forward(from one: ByteStream, to other: ByteStream) async throws {
  for try await piece in one.chunks() { try await other.write(piece) }
}
