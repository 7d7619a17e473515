import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs a server and a body beside it, and closes the server.
@LoopActor
func withServer(
  settings: ServerSettings = ServerSettings(), limits: StreamLimits = StreamLimits(),
  _ handler: @escaping @LoopActor (ByteStream) async throws -> Void, _ body: (Server) async throws -> Void
) async throws {
  let server = try startServer(
    at: [SocketAddress(ip: "127.0.0.1", port: 0)], limits: limits, settings: settings, handler)
  do {
    try await body(server)
  } catch {
    try await server.shutDown(within: .zero)
    throw error
  }
  try await server.shutDown(within: .seconds(60))
}

@LoopActor
func echo(_ stream: ByteStream) async throws {
  for try await piece in stream.chunks() { try await stream.write(piece) }
}

/// An option of a stream's socket, as the system has it.
@LoopActor
private func option(_ stream: ByteStream, _ level: Int32, _ name: Int32) -> Int32 {
  var value: Int32 = -1
  var size = socklen_t(MemoryLayout<Int32>.size)
  getsockopt(stream.descriptor!, level, name, &value, &size)
  return value
}

@Suite struct SocketTests {
  @Test func `an echo server serves many at once, and nothing is left behind`() async throws {
    try await simulateSockets {
      try await withServer(echo) { server in
        let clients = (0..<20).map { number in
          createTask {
            let stream = try await openConnection(to: server.addresses[0])
            let message = Array(pattern(1000 * number + 1))
            let reader = createTask { try await stream.readAll() }
            try await stream.write(message)
            try stream.closeWrite()
            try require(try await reader.value == message, "client \(number)")
            stream.close()
          }
        }
        for client in clients { try await client.value }
        try require(server.statistics.accepted == 20, "\(server.statistics)")
      }
    }
  }

  @Test func `addresses and options are those of the connection`() async throws {
    try await simulateSockets {
      try await withServer(echo) { server in
        let stream = try await openConnection(
          to: server.addresses[0], options: SocketOptions(keepAlive: KeepAlive(idleSeconds: 60)))
        try require(stream.peerAddress == server.addresses[0], "\(String(describing: stream.peerAddress))")
        try require(stream.localAddress?.host == "127.0.0.1", "\(String(describing: stream.localAddress))")
        try require(stream.noDelay, "small writes are sent at once")
        try stream.setNoDelay(false)
        try require(!stream.noDelay, "or not")
        try stream.setKeepAlive(nil)
        try require(option(stream, SOL_SOCKET, SO_KEEPALIVE) == 0, "nobody is asked")
        try stream.setKeepAlive(KeepAlive(idleSeconds: 7, intervalSeconds: 3, count: 5))
        try require(option(stream, SOL_SOCKET, SO_KEEPALIVE) == 1, "the peer is asked")
        let protocolNumber = Int32(IPPROTO_TCP)
        let values = [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].map { option(stream, protocolNumber, $0) }
        try require(values == [7, 3, 5], "\(values)")
        try require(await errorOf { try stream.setKeepAlive(KeepAlive(idleSeconds: -1)) } == "IOError", "no time")
        stream.close()
        try require(await errorOf { try stream.setNoDelay(true) } == "IOError", "closed")
      }
    }
  }

  @Test func `where nobody listens, the error says where and why`() async throws {
    try await simulateSockets {
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { _ in }
      let address = server.addresses[0]
      server.close()
      try await server.waitClosed()
      do {
        _ = try await openConnection(to: address)
        throw Broken(description: "nothing was thrown")
      } catch let error as IOError {
        try require(error.errorNumber == ECONNREFUSED && error.port == address.port, "\(error)")
        try require("\(error)" == "connect to 127.0.0.1:\(address.port!): Connection refused", "\(error)")
      }
      do {
        _ = try await openConnection(path: "/nowhere/at/all")
        throw Broken(description: "nothing was thrown")
      } catch let error as IOError {
        try require("\(error)" == "connect to /nowhere/at/all: No such file or directory", "\(error)")
      }
      try require(await errorOf { _ = try SocketAddress(ip: "localhost", port: 1) } == "IOError", "a name")
      try require(await errorOf { _ = try SocketAddress(ip: "::1", port: 65_536) } == "IOError", "a port")
      try require(try SocketAddress(ip: "::1", port: 80).description == "[::1]:80", "as people write it")
    }
  }

  @Test func `a connection attempt that is cancelled leaves nothing open`() async throws {
    try await simulateSockets {
      // A listener that accepts nobody: its queue is full after two.
      let server = try startServer(
        at: [SocketAddress(ip: "127.0.0.1", port: 0)], settings: ServerSettings(connectionLimit: 1, backlog: 1)
      ) { try await echo($0) }
      var streams: [ByteStream] = []
      for _ in 0..<2 { streams.append(try await openConnection(to: server.addresses[0])) }
      var timeouts = 0
      for _ in 0..<3 {
        do {
          streams.append(try await waitForMs(1) { try await openConnection(to: server.addresses[0]) })
        } catch is TimeoutError { timeouts += 1 }
      }
      try require(timeouts > 0, "some did not come through")
      for stream in streams { stream.close() }
      try await server.shutDown(within: .zero)
    }
  }

  @Test func `a reset is an error, and an abort is a reset`() async throws {
    try await simulateSockets {
      try await withServer({ stream in
        _ = try await stream.readLine()
        stream.abort()
      }) { server in
        let stream = try await openConnection(to: server.addresses[0])
        let reader = createTask { try await stream.readAll() }
        try await stream.write("go\n")
        do {
          _ = try await reader.value
          throw Broken(description: "nothing was thrown")
        } catch let error as IOError {
          try require(error.errorNumber == ECONNRESET, "\(error)")
        }
        try require(await errorOf { while true { try await stream.write("more") } } == "IOError", "no signal")
        stream.close()
      }
    }
  }

  @Test func `over TCP too, a peer that does not read stops who writes, and gets all when it reads`() async throws {
    try await simulateSockets {
      var received: [UInt8] = []
      let mayRead = Event()
      try await withServer({ stream in
        try await mayRead.wait()
        received = try await stream.readAll()
      }) { server in
        let stream = try await openConnection(
          to: server.addresses[0], options: SocketOptions(sendBuffer: 10_000))
        let message = pattern(100_000)
        let sent = createTask {
          var count = 0
          do {
            while true {
              try await stream.write(message)
              count += 1
            }
          } catch is CancellationError { return count }
        }
        while stream.statistics.waitingWriters == 0 { try await sleepMs(1) }
        try require(stream.statistics.writtenAndNotSent <= 65_536 + message.count, "\(stream.statistics)")
        sent.cancel()
        let count = try await sent.value
        mayRead.set()
        stream.close()
        try await stream.waitClosed()
        while server.statistics.connections > 0 { try await sleepMs(1) }
        try require(received.count == count * message.count, "what was taken was sent, once")
      }
    }
  }

  @Test func `urgent data in the middle of a stream stops nobody`() async throws {
    try await simulateSockets {
      var received: [UInt8] = []
      try await withServer({ received = try await $0.readExactly(2000) }) { server in
        let stream = try await openConnection(to: server.addresses[0])
        let descriptor = stream.descriptor!
        let bytes = pattern(2000)
        // The last byte of what is sent urgently is not part of the stream.
        try require(send(descriptor, bytes, 1000, 0) == 1000, "first")
        try require(send(descriptor, [UInt8](repeating: 0, count: 1), 1, Int32(MSG_OOB)) == 1, "urgent")
        try require(send(descriptor, Array(bytes[1000...]), 1000, 0) == 1000, "second")
        while received.isEmpty { try await sleepMs(1) }
        try require(received == bytes, "all of it")
        stream.close()
      }
    }
  }

  @Test func `a Unix socket's path is free again after its server, whether it was closed or has died`() async throws {
    try await simulateSockets {
      let path = "/tmp/uasyncio-test-\(getpid()).socket"
      for _ in 0..<2 {
        let server = try startServer(path: path) { try await echo($0) }
        try require(await errorOf { _ = try startServer(path: path) { _ in } } == "IOError", "it is taken")
        let stream = try await openConnection(path: path)
        try await stream.write("over a path")
        try stream.closeWrite()
        try require(try await stream.readAll() == Array("over a path".utf8), "echo")
        stream.close()
        try await server.shutDown(within: .seconds(1))
        try require(access(path, F_OK) != 0, "the path is gone")
        // What a server that has died leaves.
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let error = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(left, $0, size) }
        }
        try require(error == 0, "left over")
        close(left)
      }
      unlink(path)
    }
  }

  @Test func `a stream may be read and written from outside the loop, by tasks that are not ours`() async throws {
    try await simulate {
      let (one, other) = try openStreamPair()
      let echo = createTask {
        for try await line in other.lines { try await other.write("\(line)\n") }
      }
      let pieces = try await Task.detached { try await askInManyWays(one) }.value
      try require(pieces == ["a", "b\n", "c", "d\n", "e\n"], "\(pieces)")
      one.close()
      try await echo.value
      other.close()
    }
  }

  @Test func `a socket pair carries bytes both ways, and big writes wait for the reader`() async throws {
    try await simulateSockets {
      let (one, other) = try openStreamPair()
      let message = pattern(3_000_000)
      let writer = createTask {
        for start in stride(from: 0, to: message.count, by: 100_000) {
          try await one.write(message[start..<start + 100_000])
        }
        try one.closeWrite()
      }
      let answer = createTask { try await one.readLine() }
      try require(try await other.readAll() == message, "the message")
      try await other.write("thanks\n")
      try require(try await answer.value == "thanks", "the answer")
      try await writer.value
      one.close()
      other.close()
    }
  }
}

/// Writes and reads in each way that belongs to its caller's actor, which is none here.
@concurrent
private func askInManyWays(_ stream: ByteStream) async throws -> [String] {
  var answers: [String] = []
  try await stream.write("a\n")
  answers.append(try await stream.readLine() ?? "")
  try await stream.write([UInt8(ascii: "b"), 10])
  answers.append(String(decoding: try await stream.readUntil(10), as: UTF8.self))
  try await stream.write([0, UInt8(ascii: "c"), 10][1...])
  answers.append(String(decoding: try await stream.readUntil(10).dropLast(), as: UTF8.self))
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 2, alignment: 1)
  defer { bytes.deallocate() }
  bytes.copyBytes(from: [UInt8(ascii: "d"), 10])
  try await stream.write(UnsafeRawBufferPointer(bytes))
  bytes.copyBytes(from: [0, 0])
  var count = 0
  while count < 2 { count += try await stream.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...])) }
  answers.append(String(decoding: bytes, as: UTF8.self))
  try await stream.write("e\n")
  var array = [UInt8](repeating: 0, count: 1)
  try require(try await stream.read(into: &array) == 1, "one byte")
  answers.append(String(decoding: array + (try await stream.read(upTo: 10)), as: UTF8.self))
  return answers
}
