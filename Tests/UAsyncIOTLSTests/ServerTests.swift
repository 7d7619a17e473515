import Testing
import UAsyncIO
import UAsyncIOTLS
import UAsyncIOTesting

/// Over real sockets.
@Suite struct ServerTests {
  @Test func `clients are served, and one whose handshake fails touches nobody else`() async throws {
    try await simulate(forbidden: [.tasks, .timers]) {
      var reports: [String] = []
      getEventLoop().setExceptionHandler { reports.append("\($0.message): \($0.error)") }
      let server = try startServer(
        at: [SocketAddress(ip: "127.0.0.1", port: 0)], tls: try serverContext(protocols: ["echo"])
      ) { stream in
        try require(stream.tlsSession?.applicationProtocol == "echo", "the session is known")
        for try await piece in stream.chunks() { try await stream.write(piece) }
      }
      let port = server.port!
      let context = try clientContext(protocols: ["echo"])
      let good = try await openConnection(host: "127.0.0.1", port: port, tls: context)
      let plain = try await openConnection(host: "127.0.0.1", port: port)
      try await plain.write("GET / HTTP/1.1\r\n\r\n")
      _ = try await plain.readAll()
      plain.close()
      let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
      let writer = createTask {
        try await good.write(bytes)
        try good.closeWrite()
      }
      try require(try await good.readAll() == bytes, "a million bytes")
      try await writer.value
      try require(good.noDelay && good.descriptor != nil, "the socket is within reach")
      try require(good.peerAddress?.port == port && good.localAddress != nil, "so are the addresses")
      good.close()
      do {
        _ = try await openConnection(host: "127.0.0.1", port: port, tls: context, serverName: "other.test")
        try require(false, "connected")
      } catch let error as TLSError {
        try require("\(error)".hasPrefix("TLS handshake with other.test:\(port): hostname mismatch"), "\(error)")
      }
      try require(try await server.shutDown(within: .seconds(5)), "all handlers have ended")
      try require(reports.count == 2 && reports[0].contains("does not seem to speak TLS"), "\(reports)")
      try require(reports[1].contains("refused"), "\(reports)")
    }
  }

  @Test func `a server that is shut down ends handshakes too`() async throws {
    try await simulate(forbidden: [.tasks, .timers]) {
      let server = try await startServer(host: "127.0.0.1", port: 0, tls: try serverContext()) { _ in }
      let silent = try await openConnection(host: "127.0.0.1", port: server.port!)
      while server.statistics.connections == 0 { try await sleepMs(1) }
      try require(try await server.shutDown(within: .milliseconds(10)) == false, "it had to be cancelled")
      try require(server.statistics.connections == 0, "\(server.statistics)")
      silent.abort()
    }
  }

  @Test func `a handler that fails ends its connection properly, and is reported`() async throws {
    try await simulate(forbidden: [.tasks, .timers]) {
      var reports: [String] = []
      getEventLoop().setExceptionHandler { reports.append("\($0.error)") }
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)], tls: try serverContext()) { stream in
        try await stream.write("so far so good")
        throw Broken(description: "and no further")
      }
      let client = try await openConnection(host: "127.0.0.1", port: server.port!, tls: try clientContext())
      try require(try await client.readAll() == Array("so far so good".utf8), "an end, not a cut")
      client.close()
      try require(try await server.shutDown(within: .seconds(5)), "ended")
      try require(reports == ["and no further"], "\(reports)")
    }
  }

  @Test func `a connection that nobody accepts, or that has no name, is an error as without TLS`() async throws {
    try await simulate {
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { _ in }
      let port = server.port!
      server.close()
      try await server.waitClosed()
      do {
        _ = try await openConnection(host: "127.0.0.1", port: port, tls: try .standard)
        try require(false, "connected")
      } catch let error as IOError { try require(error.operation == "connect to" && error.port == port, "\(error)") }
    }
  }
}
