import Testing
import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

@Suite struct UpgradeTests {
  @Test func `a dialogue that begins without TLS goes on with it`() async throws {
    for seed in 0..<5 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let (one, other) = simulatedStreams(seed: seed, faults: .many)
        let server = createTask {
          try await other.write("220 ready\n")
          try require(try await other.readLine() == "STARTTLS", "asked")
          try await other.write("220 go ahead\n")
          let safe = try await other.startTLS(try serverContext())
          try require(try await safe.readLine() == "secret", "secret")
          try await safe.write("thanks\n")
          safe.close()
          try await safe.waitClosed()
        }
        try require(try await one.readLine() == "220 ready", "ready")
        try await one.write("STARTTLS\n")
        try require(try await one.readLine() == "220 go ahead", "go ahead")
        let safe = try await one.startTLS(try clientContext(), serverName: "example.test")
        try require(one.isClosingOrClosed, "the plain stream is over")
        try await safe.write("secret\n")
        try require(try await safe.readLine() == "thanks", "thanks")
        try require(try await safe.readAll().isEmpty, "the end")
        safe.close()
        try await server.value
        try await safe.waitClosed()
      }
    }
  }

  @Test func `what was slipped in before TLS is not taken for what came with it`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      try await other.write("220 go ahead\n250 an answer to a question not yet asked\n")
      let server = createTask { try await other.startTLS(try serverContext()) }
      try require(try await one.readLine() == "220 go ahead", "go ahead")
      do {
        _ = try await one.startTLS(try clientContext(), serverName: "example.test")
        try require(false, "hands were shaken")
      } catch let error as TLSError { try require(error.kind == .violation, "\(error)") }
      guard case .failure = await server.result else { throw Broken(description: "the server shook hands") }
    }
  }

  @Test func `what a client has sent too early is its part of the handshake`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      try await one.write("STARTTLS\n")
      let client = createTask { try await one.startTLS(try clientContext(), serverName: "example.test") }
      try await sleep(1)
      try require(try await other.readLine() == "STARTTLS", "asked")
      try require(other.statistics.receivedAndNotRead > 100, "its first words are here")
      let server = try await other.startTLS(try serverContext())
      try await server.write("welcome")
      server.close()
      let safe = try await client.value
      try require(try await safe.readAll() == Array("welcome".utf8), "welcome")
      safe.close()
    }
  }

  @Test func `a stream that is in use is not handed over, and stays as it was`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      let reader = createTask { try await one.readLine() }
      try await sleep(1)
      do {
        _ = try await one.startTLS(try clientContext(), serverName: "example.test")
        try require(false, "hands were shaken")
      } catch let error as StreamError { try require(error == .inUse(operation: "startTLS"), "\(error)") }
      try await other.write("plain\n")
      try require(try await reader.value == "plain", "plain")
      one.close()
      do {
        _ = try await one.startTLS(try clientContext(), serverName: "example.test")
        try require(false, "hands were shaken")
      } catch let error as StreamError { try require(error == .closed(operation: "startTLS"), "\(error)") }
      other.close()
    }
  }

  @Test func `TLS within TLS, as through a proxy`() async throws {
    for seed in 0..<5 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let faults = StreamFaults(short: 30, notNow: 10, latency: .milliseconds(2), capacity: 500)
        let outer = try await safePair(try clientContext(), try serverContext(), seed: seed, faults: faults)
        let answer = createTask { try await outer.server.startTLS(try serverContext(protocols: ["inner"])) }
        let client = try await outer.client.startTLS(
          try clientContext(protocols: ["inner"]), serverName: "127.0.0.1")
        let server = try await answer.value
        try require(client.tlsSession?.applicationProtocol == "inner", "the inner one's")
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let writer = createTask {
          try await client.write(bytes)
          client.close()
          try await client.waitClosed()
        }
        try require(try await server.readAll() == bytes, "whole")
        try await writer.value
        server.abort()
      }
    }
  }
}
