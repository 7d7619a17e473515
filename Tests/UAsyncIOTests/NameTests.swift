import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct NameTests {
  @Test func `names are looked up, and addresses need no looking up`() async throws {
    try await simulateSockets {
      let found = try await resolve("localhost", port: 80)
      try require(found.allSatisfy { $0.port == 80 && ["127.0.0.1", "::1"].contains($0.host) }, "\(found)")
      let asked = Event()
      let resolver = NameResolver { _ in
        asked.set()
        return []
      }
      try require(try await resolver.resolve("::1", port: 7)[0].description == "[::1]:7", "an address")
      try require(!asked.isSet, "nobody was asked")
    }
  }

  @Test func `a name that does not exist, and a resolver that fails, are errors that name host and port`() async throws
  {
    try await simulateSockets {
      do {
        _ = try await openConnection(host: "no-such-name.invalid", port: 99)
        throw Broken(description: "nothing was thrown")
      } catch let error as IOError {
        try require(error.host == "no-such-name.invalid" && error.port == 99, "\(error)")
        try require("\(error)".hasPrefix("look up no-such-name.invalid:99: "), "\(error)")
      }
      let failing = NameResolver { host in
        throw IOError(operation: "look up", host: host, errorNumber: EIO)
      }
      do {
        _ = try await openConnection(host: "example", port: 7, resolver: failing)
        throw Broken(description: "nothing was thrown")
      } catch let error as IOError {
        try require("\(error)" == "look up example:7: Input/output error", "\(error)")
      }
      try require(await errorOf { _ = try await resolve("", port: 1) } == "IOError", "no name")
      try require(await errorOf { _ = try await resolve("localhost", port: -1) } == "IOError", "no port")
    }
  }

  @Test func `a look-up that takes for ever can be given up`() async throws {
    try await simulateSockets {
      let slow = NameResolver { _ in
        try await sleep(3600)
        return []
      }
      let error = await errorOf {
        _ = try await waitFor(2) { try await openConnection(host: "example", port: 7, resolver: slow) }
      }
      try require(error == "TimeoutError" && milliseconds() == 2000, "\(error) after \(milliseconds()) ms")
    }
  }

  @Test func `look-ups and other work on threads do not wait for each other`() async throws {
    try await simulateSockets {
      let limit = ThreadLimiter.shared.limit
      try ThreadLimiter.shared.setLimit(1)
      defer { try? ThreadLimiter.shared.setLimit(limit) }
      var ends: [Int32] = [0, 0]
      try require(pipe(&ends) == 0, "pipe")
      let (reader, writer) = (ends[0], ends[1])
      let work = createTask {
        try await toThread {
          var byte: UInt8 = 0
          _ = read(reader, &byte, 1)
        }
      }
      try await sleep(0)
      try require(try await !resolve("localhost", port: 80).isEmpty, "an address")
      try require(write(writer, "x", 1) == 1, "the thread goes on")
      try await work.value
      for end in [reader, writer] { close(end) }
    }
  }

  @Test func `a host is reached at the address that answers, and a refusal names the host`() async throws {
    try await simulateSockets {
      try await withServer(echo) { server in
        let port = server.port!
        // Nobody listens at the first two.
        let addresses = try ["127.0.0.2", "127.0.0.3", "127.0.0.1"].map { try SocketAddress(ip: $0, port: 0) }
        let stream = try await openConnection(host: "example", port: port, resolver: NameResolver { _ in addresses })
        try require(stream.peerAddress == server.addresses[0], "\(String(describing: stream.peerAddress))")
        stream.close()
        do {
          let nowhere = Array(addresses[..<2])
          _ = try await openConnection(host: "example", port: port, resolver: NameResolver { _ in nowhere })
          throw Broken(description: "nothing was thrown")
        } catch let error as IOError {
          try require(
            "\(error)" == "connect to example:\(port): Connection refused (at 2 addresses)", "\(error)")
        }
      }
    }
  }

  @Test func `a server without a host is reached over IPv4 and, where there is one, IPv6`() async throws {
    try await simulateSockets {
      let server = try await startServer(port: 0, echo)
      for host in server.addresses[0].host == "::" ? ["127.0.0.1", "::1"] : ["127.0.0.1"] {
        let stream = try await openConnection(host: host, port: server.port!)
        try await stream.write("over \(host)\n")
        try require(try await stream.readLine() == "over \(host)", host)
        stream.close()
      }
      try await server.shutDown(within: .seconds(1))
    }
  }

  // MARK: - The race

  private static func addresses(_ texts: String...) throws -> [SocketAddress] {
    try texts.map { try SocketAddress(ip: $0, port: 1) }
  }

  @Test func `families take turns, and an attempt that says nothing is followed by the next after 250 ms`() async throws
  {
    try await simulateSockets {
      var begun: [String] = []
      var ended = 0
      let addresses = try Self.addresses("::1", "::2", "::3", "1.0.0.1", "1.0.0.2")
      let winner = try await race(addresses) { address in
        begun.append("\(address.host!) \(milliseconds())")
        defer { ended += 1 }
        if address.host == "1.0.0.2" {
          try await sleepMs(100)
          return address.host!
        }
        try await sleep(1000)
        return "late"
      } discard: { _ in
      }
      try require(winner == "1.0.0.2", winner)
      try require(begun == ["::1 0", "1.0.0.1 250", "::2 500", "1.0.0.2 750"], "\(begun)")
      try require(ended == 4 && milliseconds() == 850, "all have ended, after \(milliseconds()) ms")
    }
  }

  @Test func `an attempt that fails is followed at once, and if all fail the first error is thrown`() async throws {
    try await simulateSockets {
      var begun: [Int] = []
      let addresses = try Self.addresses("::1", "1.0.0.1", "::2")
      do {
        _ = try await race(addresses) { (_: SocketAddress) -> Int in
          begun.append(milliseconds())
          try await sleepMs(10)
          throw Boom(code: begun.count)
        } discard: { _ in
        }
        throw Broken(description: "nothing was thrown")
      } catch let error as Boom {
        try require(error.code == 1 && begun == [0, 10, 20], "\(error) \(begun)")
      }
    }
  }

  @Test func `wherever a race is cancelled, no attempt is left, and no success is forgotten`() async throws {
    let points = try await onLoopThread {
      try cancelSweep(of: "racer") {
        let addresses = try Self.addresses("::1", "1.0.0.1", "::2", "1.0.0.2")
        var open = 0
        let racer = createTask(name: "racer") {
          _ = try await race(addresses) { address in
            // Two succeed in the same instant.
            try await sleepMs(address.host == "1.0.0.1" ? 500 : address.host == "::2" ? 250 : 2000)
            open += 1
            return address
          } discard: { _ in
            open -= 1
          }
          open -= 1
        }
        _ = await racer.result
        return open
      } check: { outcome in
        try require(try outcome.result.get() == 0, "\(outcome.result)")
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points >= 4)
  }
}
