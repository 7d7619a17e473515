import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct ServerTests {
  @Test func `a handler that fails is reported, and touches nobody else`() async throws {
    try await simulateSockets {
      var reports: [String] = []
      getEventLoop().setExceptionHandler { reports.append("\($0.message): \($0.error)") }
      try await withServer({ stream in
        if try await stream.readLine() == "fail" { throw Boom(code: 7) }
        try await stream.write("fine\n")
      }) { server in
        let (bad, good) = (
          try await openConnection(to: server.addresses[0]), try await openConnection(to: server.addresses[0])
        )
        try await bad.write("fail\n")
        try require(try await bad.readAll().isEmpty, "the connection has ended")
        try await good.write("go on\n")
        try require(try await good.readLine() == "fine", "the other one has not")
        bad.close()
        good.close()
        try require(server.statistics.failed == 1, "\(server.statistics)")
      }
      try require(reports.count == 1 && reports[0].contains("Boom(code: 7)"), "\(reports)")
      try require(reports[0].contains("from 127.0.0.1:"), "\(reports)")
    }
  }

  @Test func `no more connections are served at once than the limit says, and all in the end`() async throws {
    try await simulateSockets {
      try await withServer(
        settings: ServerSettings(connectionLimit: 3),
        { stream in
          _ = try await stream.readLine()
          try await sleepMs(10)
          try await stream.write("done")
        }
      ) { server in
        let clients = (0..<12).map { _ in
          createTask {
            let stream = try await openConnection(to: server.addresses[0])
            try await stream.write("go\n")
            try require(try await stream.readAll() == Array("done".utf8), "served")
            stream.close()
          }
        }
        for client in clients { try await client.value }
        try require(server.statistics.highWaterMark == 3, "\(server.statistics)")
        try require(server.statistics.accepted == 12, "\(server.statistics)")
      }
    }
  }

  @Test func `shutting down lets handlers finish until the time is over`() async throws {
    try await simulateSockets {
      var ended: [String] = []
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { stream in
        let seconds = Int(try await stream.readLine() ?? "") ?? 0
        do {
          try await sleep(seconds)
          try await stream.write("finished")
          ended.append("finished \(seconds)")
        } catch {
          ended.append("cancelled \(seconds)")
          throw error
        }
      }
      let quick = try await openConnection(to: server.addresses[0])
      let slow = try await openConnection(to: server.addresses[0])
      try await quick.write("2\n")
      try await slow.write("20\n")
      while server.statistics.connections < 2 { try await sleepMs(1) }
      try require(try await server.shutDown(within: .seconds(5)) == false, "not all in time")
      try require(ended == ["finished 2", "cancelled 20"], "\(ended)")
      try require(try await quick.readAll() == Array("finished".utf8), "what was written was sent")
      try require(await errorOf { _ = try await slow.readAll() } == "IOError", "the other one is aborted")
      try require(await errorOf { _ = try await openConnection(to: server.addresses[0]) } == "IOError", "closed")
      quick.close()
      slow.close()
    }
  }

  @Test func `without descriptors accepting pauses, says so once, and goes on`() async throws {
    try await simulateSockets {
      var reports: [String] = []
      getEventLoop().setExceptionHandler { reports.append("\($0.message): \($0.error)") }
      try await withServer(echo) { server in
        let before = try await openConnection(to: server.addresses[0])
        try await before.write("a\n")
        _ = try await before.readLine()
        // The client's descriptor is there before the others are gone.
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        WholeProcess.descriptors.take()
        defer { WholeProcess.descriptors.giveBack() }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var low = limit
        low.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        connectTo(server.port!, client)
        try await sleepMs(500)
        try require(server.statistics.accepted == 1, "\(server.statistics)")
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        while server.statistics.accepted < 2 { try await sleepMs(10) }
        try await before.write("b\n")
        try require(try await before.readLine() == "b", "the first one has not noticed")
        before.close()
        close(client)
      }
      try require(reports.count == 1 && reports[0].contains("Too many open files"), "\(reports)")
    }
  }

  @Test func `several servers share a port, if they say so`() async throws {
    try await simulateSockets {
      let settings = ServerSettings(sharesPort: true)
      var served = [0, 0]
      let first = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)], settings: settings) { _ in
        served[0] += 1
      }
      let second = try startServer(at: first.addresses, settings: settings) { _ in served[1] += 1 }
      try require(await errorOf { _ = try startServer(at: first.addresses) { _ in } } == "IOError", "not all agree")
      for _ in 0..<64 {
        let stream = try await openConnection(to: first.addresses[0])
        _ = try await stream.readAll()
        stream.close()
      }
      try require(served[0] > 0 && served[1] > 0 && served[0] + served[1] == 64, "\(served)")
      try await first.shutDown(within: .seconds(1))
      try await second.shutDown(within: .seconds(1))
    }
  }

  @Test func `serving for ever ends with the server, and a cancelled one closes it`() async throws {
    try await simulateSockets {
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { try await echo($0) }
      let task = createTask { try await server.serveForever() }
      try await sleep(0)
      task.cancel()
      try require(await task.result.isCancelled, "cancelled")
      try require(!server.isServing, "closed")
      try await server.waitClosed()
    }
  }
}

/// Begins to connect a socket of the test's own.
private func connectTo(_ port: Int, _ client: Int32) {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
  _ = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
