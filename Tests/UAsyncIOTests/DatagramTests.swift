import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct DatagramTests {
  @Test func `datagrams come whole, from whoever sent them`() async throws {
    try await simulate {
      let server = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0))
      let address = server.localAddress!
      let echo = createTask {
        while true {
          let (bytes, from) = try await server.receive()
          try await server.send(bytes, to: from)
        }
      }
      let client = try openDatagramSocket(to: address)
      for size in [0, 1, 1500, 60_000] {
        try await client.send(pattern(size))
        let (bytes, from) = try await client.receive()
        try require(bytes == pattern(size) && from == address, "\(size) bytes")
      }
      try require(await errorOf { try await client.send(pattern(70_000)) } == "IOError", "too long")
      try require(await errorOf { try await server.send([1]) } == "IOError", "nobody knows where to")
      echo.cancel()
      _ = await echo.result
      server.close()
      client.close()
      try require(await errorOf { _ = try await client.receive() } == "StreamError", "closed")
    }
  }

  @Test func `a wait that is cancelled loses no datagram, and closing ends one`() async throws {
    try await simulate {
      let server = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0))
      let client = try openDatagramSocket(to: server.localAddress!)
      try require(await errorOf { _ = try await waitFor(1) { try await server.receive() } } == "TimeoutError", "limit")
      let receiver = createTask { try await server.receive().bytes }
      try await sleep(0)
      try require(await errorOf { _ = try await server.receive() } == "StreamError", "one at a time")
      try await client.send("one")
      try require(try await receiver.value == Array("one".utf8), "it is there")
      let waiting = createTask { try await server.receive().bytes }
      try await sleep(0)
      server.close()
      try require(await errorOf { _ = try await waiting.value } == "StreamError", "closed meanwhile")
      try require(
        await errorOf {
          try await client.send("two"); _ = try await client.receive()
        } == "IOError", "refused")
      client.close()
    }
  }

  @Test func `members of a group receive what is sent to it, and a broadcast has to be allowed`() async throws {
    try await simulate {
      let port = { socket in socket.localAddress!.port! } as @LoopActor (DatagramSocket) -> Int
      let first = try openDatagramSocket(at: SocketAddress(ip: "0.0.0.0", port: 0), sharesPort: true)
      let second = try openDatagramSocket(at: SocketAddress(ip: "0.0.0.0", port: port(first)), sharesPort: true)
      try first.join(group: "239.1.2.3", interface: "lo")
      try second.join(group: "239.1.2.3", interface: "lo")
      let sender = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0))
      try sender.setMulticastHops(1)
      try sender.setMulticastLoop(true)
      try await sender.send("to all", to: SocketAddress(ip: "239.1.2.3", port: port(first)))
      for member in [first, second] {
        try require(try await member.receive().bytes == Array("to all".utf8), "each has it")
      }
      try first.leave(group: "239.1.2.3", interface: "lo")
      try require(await errorOf { try first.leave(group: "239.1.2.3", interface: "lo") } == "IOError", "left already")
      try require(await errorOf { try first.join(group: "127.0.0.1") } == "IOError", "no group")
      let everybody = try SocketAddress(ip: "255.255.255.255", port: port(first))
      try require(await errorOf { try await sender.send("all", to: everybody) } == "IOError", "not allowed")
      try sender.setBroadcast(true)
      for socket in [first, second, sender] { socket.close() }
    }
  }
}
