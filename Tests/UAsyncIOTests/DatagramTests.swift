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
    try await simulateSockets {
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
    try await simulateSockets {
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
    try await simulateSockets {
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

  @Test func `a broadcast reaches who listens at every address`() async throws {
    try await simulateSockets {
      let listener = try openDatagramSocket(at: SocketAddress(ip: "0.0.0.0", port: 0))
      let sender = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0))
      let everybody = try SocketAddress(ip: "127.255.255.255", port: listener.localAddress!.port!)
      try require(await errorOf { try await sender.send("all", to: everybody) } == "IOError", "not allowed")
      try sender.setBroadcast(true)
      try await sender.send("all", to: everybody)
      let (bytes, from) = try await listener.receive()
      try require(bytes == Array("all".utf8) && from == sender.localAddress, "\(bytes) from \(from)")
      listener.close()
      sender.close()
    }
  }

  @Test(.enabled(if: OwnNetwork.isAllowed)) func `groups are joined over IPv6, too`() async throws {
    try await onLoopThread {
      try OwnNetwork.with {
        for command in [
          "link add one type veth peer name two", "link set one up", "link set two up",
          "-6 addr add fe80::5/64 dev one nodad",
        ] { try require(OwnNetwork.ip(command), command) }
        try simulate {
          let member = try openDatagramSocket(at: SocketAddress(ip: "::", port: 0), sharesPort: true)
          try member.join(group: "ff02::1234", interface: "one")
          let sender = try openDatagramSocket(at: SocketAddress(ip: "::", port: 0))
          try sender.setMulticastHops(1)
          try sender.setMulticastLoop(true)
          try await sender.send("to all", to: SocketAddress(ip: "ff02::1234%one", port: member.localAddress!.port!))
          try require(try await member.receive().bytes == Array("to all".utf8), "it has come")
          try member.leave(group: "ff02::1234", interface: "one")
          try require(await errorOf { try member.join(group: "ff02::1234", interface: "no-such") } == "IOError", "none")
          member.close()
          sender.close()
        }
      }
    }
  }

  @Test func `datagrams over Unix sockets come whole, however large, and the path is free again`() async throws {
    try await simulateSockets {
      let path = "/tmp/uasyncio-datagrams-\(UInt32.random(in: 0 ... .max)).socket"
      let address = try SocketAddress(path: path)
      for round in 0..<2 {
        let server = try openDatagramSocket(at: address)
        try require(await errorOf { _ = try openDatagramSocket(at: address) } == "IOError", "it is taken")
        let client = try openDatagramSocket(at: SocketAddress(path: path + ".client"), to: address)
        for size in [0, 1, 100_000] {
          try await client.send(pattern(size))
          let (bytes, from) = try await server.receive()
          try require(bytes == pattern(size) && from.path == path + ".client", "\(size) bytes from \(from)")
          try await server.send("thanks", to: from)
          try require(try await client.receive().bytes == Array("thanks".utf8), "the answer")
        }
        client.close()
        try require(access(path, F_OK) == 0, "the path is there")
        server.close()
        try require(access(path, F_OK) != 0, "the path is gone")
        // What a program that has died leaves.
        guard round == 0 else { continue }
        let left = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let error = withUnsafePointer(to: &name) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
          }
        }
        try require(error == 0, "left over")
        close(left)
      }
      let nobody = try openDatagramSocket(at: SocketAddress(path: path + ".client"))
      try require(await errorOf { try await nobody.send("x", to: address) } == "IOError", "nobody is there")
      nobody.close()
    }
  }
}
