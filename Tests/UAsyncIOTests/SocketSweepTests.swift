import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct SocketSweepTests {
  @Test func `wherever connecting is cancelled, no socket is left, and the server serves the next`() async throws {
    let points = try await sweepSockets(of: "client") {
      try await withServer(echo) { server in
        let client = createTask(name: "client") {
          let stream = try await openConnection(to: server.addresses[0])
          stream.close()
        }
        _ = await client.result
        try await exchange(with: server, "the next")
      }
    }
    #expect(points >= 2)
  }

  @Test func `wherever connecting by name is cancelled, no socket and no attempt is left`() async throws {
    let points = try await sweepSockets(of: "client") {
      try await withServer(echo) { server in
        // Nobody listens at the first, the second says nothing for a while, the third answers.
        let addresses = try ["127.0.0.2", "127.0.0.3", "127.0.0.1"].map { try SocketAddress(ip: $0, port: 0) }
        let resolver = NameResolver { _ in
          try await sleepMs(5)
          return addresses
        }
        let client = createTask(name: "client") {
          let stream = try await openConnection(host: "example", port: server.port!, resolver: resolver)
          stream.close()
        }
        _ = await client.result
        try await exchange(with: server, "the next")
      }
    }
    #expect(points >= 4)
  }

  @Test func `wherever a look-up by the system is cancelled, the next one has its answer`() async throws {
    let points = try await sweepSockets(of: "asker") {
      let asker = createTask(name: "asker") { try await resolve("localhost", port: 80) }
      _ = await asker.result
      try require(try await !resolve("localhost", port: 80).isEmpty, "an address")
    }
    #expect(points >= 2)
  }

  @Test func `wherever the one who accepts is cancelled, every client is served or told, and none hangs`() async throws
  {
    let path = "/tmp/uasyncio-sweep-\(UInt32.random(in: 0 ... .max)).socket"
    let points = try await sweepSockets(of: "server at \(path)") {
      let server = try startServer(path: path, echo)
      let clients = (0..<5).map { number in
        createTask {
          try await sleepMs(number)
          do {
            let stream = try await openConnection(path: path)
            defer { stream.close() }
            try await stream.write("\(number)\n")
            // Either the whole answer, or an end or error that says that there is none.
            if let answer = try await stream.readLine() {
              try require(answer == "\(number)", answer)
              return 1
            }
          } catch is IOError {}
          return 0
        }
      }
      var served = 0
      for client in clients { served += try await client.value }
      try require(UInt64(served) == server.statistics.accepted, "\(served) were served, and \(server.statistics)")
      try require(!server.isServing || served == 5, "a server that does not accept says so")
      try await server.shutDown(within: .seconds(1))
    }
    #expect(points >= 4)
  }

  @Test func `wherever a receiver of datagrams is cancelled, the next one gets each datagram once`() async throws {
    let points = try await sweepSockets(of: "receiver") {
      let socket = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0))
      let peer = try openDatagramSocket(to: socket.localAddress!)
      let sender = createTask {
        for number in 0..<12 as Range<UInt8> {
          try await peer.send([number])
          if number % 3 == 0 { try await sleepMs(5) }
        }
      }
      var received: [UInt8] = []
      let receiver = createTask(name: "receiver") { while true { received += try await socket.receive().bytes } }
      try await sender.value
      try await sleepMs(50)
      receiver.cancel()
      _ = await receiver.result
      while received.count < 12 { received += try await socket.receive().bytes }
      socket.close()
      peer.close()
      return received
    } check: { result in
      try require(try result.get() == Array(0..<12 as Range<UInt8>), "\(result)")
    }
    #expect(points >= 8)
  }

  @Test(arguments: [false, true])
  func `wherever a sender of datagrams is cancelled, each was sent once or not at all`(connected: Bool) async throws {
    let path = "/tmp/uasyncio-datagrams-\(UInt32.random(in: 0 ... .max)).socket"
    let points = try await sweepSockets(of: "sender") {
      // Unix datagrams wait for a receiver that is slow.
      let address = try SocketAddress(path: path)
      let socket = try openDatagramSocket(at: address)
      let back = try SocketAddress(path: path + ".2")
      let peer = try openDatagramSocket(at: back, to: connected ? address : nil)
      // More than the system keeps.
      let count = (limitOfDatagrams() + 1) * 2
      var sent: [Int] = []
      let sender = createTask(name: "sender") {
        for number in 0..<count {
          try await peer.send("\(number)", to: connected ? nil : address)
          sent.append(number)
        }
      }
      var received: [Int] = []
      let receiver = createTask {
        try await sleepMs(20)
        while true {
          received.append(Int(String(decoding: try await socket.receive().bytes, as: UTF8.self)) ?? -1)
          if received.count % (count / 4) == 0 { try await sleepMs(2) }
        }
      }
      _ = await sender.result
      try await sleep(1)
      receiver.cancel()
      _ = await receiver.result
      socket.close()
      peer.close()
      return (sent, received)
    } check: { result in
      let (sent, received) = try result.get()
      try require(sent == received, "sent \(sent.count), received \(received.count)")
    }
    #expect(points >= 2)
  }

  @Test func `wherever a drain is cancelled, all is sent`() async throws {
    let points = try await sweepSockets(of: "drainer") {
      let (one, other) = simulatedStreams(seed: 2, faults: .many)
      let drainer = createTask(name: "drainer") {
        for turn in 0..<4 {
          try await one.write(pattern(200 + turn))
          try await one.drain()
        }
      }
      let reader = createTask { try await other.readAll() }
      _ = await drainer.result
      one.close()
      try await one.waitClosed()
      let received = try await reader.value
      other.close()
      return received
    } check: { result in
      let whole = (0..<4).map { pattern(200 + $0) }
      let bytes = try result.get()
      try require((0...4).contains { bytes == Array(whole.prefix($0).joined()) }, "whole writes, in order")
    }
    #expect(points >= 8)
  }

  @Test func `wherever a wait for the end of a stream is cancelled, the stream ends all the same`() async throws {
    let points = try await sweepSockets(of: "closer") {
      let (one, other) = simulatedStreams(seed: 3, faults: .many)
      try await one.write(pattern(300))
      let closer = createTask(name: "closer") {
        one.close()
        try await one.waitClosed()
      }
      let reader = createTask { try await other.readAll() }
      _ = await closer.result
      one.close()
      try await one.waitClosed()
      let received = try await reader.value
      other.close()
      return received
    } check: {
      try require(try $0.get() == pattern(300), "all that was written")
    }
    #expect(points >= 2)
  }

  @Test func `wherever an exchange with a half-close is cancelled, both sides end, and bytes are a beginning`()
    async throws
  {
    let points = try await sweepSockets(of: "client") {
      let (one, other) = simulatedStreams(seed: 4, faults: .many)
      let server = createTask {
        let question = try await other.readAll()
        try await other.write(question + question)
        other.close()
        try await other.waitClosed()
        return question
      }
      var answer: [UInt8] = []
      let client = createTask(name: "client") {
        try await one.write(pattern(150))
        try await one.write(pattern(150))
        try one.closeWrite()
        while true {
          let piece = try await one.read(upTo: 20)
          if piece.isEmpty { break }
          answer += piece
        }
      }
      _ = await client.result
      if !one.isClosingOrClosed { try one.closeWrite() }
      answer += try await one.readAll()
      one.close()
      let question = try await server.value
      return (question, answer)
    } check: { result in
      let (question, answer) = try result.get()
      try require([0, 150, 300].contains(question.count), "whole writes: \(question.count)")
      try require(answer == question + question, "the whole answer")
    }
    #expect(points >= 20)
  }

  @Test func `wherever shutting a server down is cancelled, its handlers have ended, or been cancelled`() async throws {
    let points = try await sweepSockets(of: "closer") {
      var ended = 0
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { stream in
        defer { ended += 1 }
        try await sleep(Double(try await stream.readLine() ?? "0") ?? 0)
      }
      var clients: [ByteStream] = []
      for seconds in ["0.1", "1", "100"] {
        clients.append(try await openConnection(to: server.addresses[0]))
        try await clients[clients.count - 1].write(seconds + "\n")
      }
      while server.statistics.connections < 3 { try await sleepMs(1) }
      let closer = createTask(name: "closer") { try await server.shutDown(within: .seconds(5)) }
      _ = await closer.result
      try require(!server.isServing || closer.resultIfDone?.isCancelled == true, "closed")
      server.close()
      server.cancelConnections()
      try await server.waitClosed()
      for client in clients { client.close() }
      try require(ended == 3, "\(ended) have ended")
    }
    #expect(points >= 4)
  }
}

/// One exchange with an echo server.
@LoopActor
private func exchange(with server: Server, _ text: String) async throws {
  let stream = try await openConnection(to: server.addresses[0])
  defer { stream.close() }
  try await stream.write(text + "\n")
  try require(try await stream.readLine() == text, text)
}

/// How many datagrams wait at a Unix socket before a sender has to.
private func limitOfDatagrams() -> Int {
  let file = open("/proc/sys/net/unix/max_dgram_qlen", O_RDONLY)
  defer { close(file) }
  var text = [UInt8](repeating: 0, count: 16)
  guard file >= 0, read(file, &text, 16) > 0 else { return 512 }
  return Int(String(decoding: text.prefix { (48...57).contains($0) }, as: UTF8.self)) ?? 512
}
