import CPlatform
import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct FaultTests {
  // MARK: - Connections that break

  @Test func `a connection that breaks after any byte leaves a beginning of what was sent, and an error`() async throws
  {
    let bytes = pattern(120)
    for breaksAfter in 0..<120 {
      try await simulateSockets {
        var faults = StreamFaults.many
        faults.resetAfter = breaksAfter
        let (one, other) = simulatedStreams(seed: UInt64(breaksAfter), faults: faults)
        let writer = createTask {
          await errorOf {
            for start in stride(from: 0, to: 120, by: 24) { try await one.write(bytes[start..<start + 24]) }
            try await one.drain()
          }
        }
        var received: [UInt8] = []
        let error = await errorOf {
          while true { received += try await other.readExactly(7) }
        }
        try require(error == "IOError", error)
        try require(received == Array(bytes.prefix(received.count)) && received.count <= breaksAfter, "a beginning")
        try require(try await writer.value == "IOError", "the writer is told")
        one.close()
        other.close()
      }
    }
  }

  @Test func `a client that resets after any number of bytes is an error for its handler, and nobody else`()
    async throws
  {
    try await simulateSockets {
      var reports = 0
      getEventLoop().setExceptionHandler { _ in reports += 1 }
      var received: [Int] = []
      try await withServer({ stream in
        var count = 0
        do {
          for try await piece in stream.chunks() { count += piece.count }
        } catch is IOError {
          received.append(count)
        }
      }) { server in
        for length in 0..<20 {
          let stream = try await openConnection(to: server.addresses[0])
          if length > 0 { try await stream.write(pattern(length)) }
          stream.abort()
          while received.count <= length { try await sleepMs(1) }
          try require(received[length] <= length, "no more than was sent")
        }
      }
      try require(received.count == 20 && reports == 0, "\(received) \(reports)")
    }
  }

  @Test func `a connection that is gone before it is accepted does not stop a server`() async throws {
    try await simulateSockets {
      var served: [String] = []
      try await withServer(
        settings: ServerSettings(connectionLimit: 1),
        { stream in
          do {
            served.append(try await stream.readLine() ?? "nothing")
            try await sleepMs(20)
          } catch is IOError { served.append("gone") }
        }
      ) { server in
        let first = try await openConnection(to: server.addresses[0])
        try await first.write("first\n")
        // It waits in the system's queue, for one is the limit.
        let impatient = try await openConnection(to: server.addresses[0])
        impatient.abort()
        let last = try await openConnection(to: server.addresses[0])
        try await last.write("last\n")
        while served.last != "last" { try await sleepMs(1) }
        first.close()
        last.close()
      }
      try require(served == ["first", "gone", "last"], "\(served)")
    }
  }

  // MARK: - Peers that are slow, or silent

  @Test func `a silent peer is found out by a time limit, and what comes after it is not lost`() async throws {
    for seed in 0..<20 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let (one, other) = simulatedStreams(seed: seed, faults: .many)
        try await one.write("half a li")
        for _ in 0..<5 {
          let error = await errorOf { _ = try await waitFor(5) { try await other.readLine() } }
          try require(error == "TimeoutError", error)
        }
        try await one.write("ne\n")
        try require(try await other.readLine() == "half a line", "nothing is lost")
        one.close()
        other.close()
      }
    }
  }

  @Test func `a peer that reads one byte a second is waited for by who writes and who closes`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams(faults: StreamFaults(capacity: 4), limits: StreamLimits(highWaterMark: 4))
      let writer = createTask {
        for start in stride(from: 0, to: 100, by: 10) { try await one.write(pattern(100)[start..<start + 10]) }
        one.close()
        try await one.waitClosed()
      }
      var received: [UInt8] = []
      while true {
        let piece = try await other.read(upTo: 1)
        if piece.isEmpty { break }
        received += piece
        try await sleep(1)
      }
      try require(received == pattern(100) && milliseconds() == 100_000, "\(received.count) at \(milliseconds())")
      try await writer.value
      other.close()
    }
  }

  // MARK: - The system

  @Test func `without descriptors every way to open something says so, and leaves nothing behind`() async throws {
    try await simulateSockets {
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)], echo)
      let address = server.addresses[0]
      try await withDescriptors(limit: 0) {
        for attempt in openings(address) {
          do {
            try await attempt()
            throw Broken(description: "nothing was thrown")
          } catch let error as IOError {
            try require(error.errorNumber == EMFILE && "\(error)".hasSuffix("Too many open files"), "\(error)")
          }
        }
      }
      // Where there is one descriptor, what needs two gives it back.
      try await withDescriptors(limit: 1) {
        for _ in 0..<3 {
          try require(await errorOf { _ = try openPipe() } == "IOError", "a pipe needs two")
          try require(await errorOf { _ = try openStreamPair() } == "IOError", "a pair needs two")
        }
        let socket = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0))
        socket.close()
      }
      let stream = try await openConnection(to: address)
      stream.close()
      try await server.shutDown(within: .seconds(1))
    }
  }

  @Test func `signals that interrupt the loop's thread all the time lose nothing`() async throws {
    // Real time: some 100 ms.
    try await onLoopThread {
      // Without SA_RESTART.
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in }
      sigaction(SIGURG, &action, nil)
      let loopThread = pthread_self()
      let isOver = Locked(false)
      let storm = PlainThread {
        while !isOver.withLock({ $0 }) {
          pthread_kill(loopThread, SIGURG)
          usleep(50)
        }
      }
      defer {
        isOver.withLock { $0 = true }
        storm.join()
        signal(SIGURG, SIG_DFL)
      }
      try run {
        let message = pattern(5_000_000)
        var received: [UInt8] = []
        try await withServer({ received = try await $0.readAll() }) { server in
          for _ in 0..<6 {
            let stream = try await openConnection(to: server.addresses[0])
            try await stream.write(message)
            stream.close()
            try await stream.waitClosed()
            while server.statistics.connections > 0 { try await sleepMs(1) }
            try require(received == message, "\(received.count)")
          }
        }
      }
    }
  }

  @Test func `a readiness whose bytes another has taken is no end, and no error`() async throws {
    try await simulateSockets {
      var ends: [Int32] = [0, 0]
      try require(pipe(&ends) == 0, "pipe")
      defer { ends.forEach { close($0) } }
      let first = try openShared(descriptor: ends[0], direction: .reading)
      let second = try openShared(descriptor: ends[0], direction: .reading)
      var taken: [UInt8] = []
      let readers = [first, second].map { stream in
        createTask { for try await piece in stream.chunks(upTo: 1) { taken += piece } }
      }
      for byte in 0..<10 as Range<UInt8> {
        try require(write(ends[1], [byte], 1) == 1, "written")
        while taken.count <= byte { try await sleepMs(1) }
      }
      try require(taken == Array(0..<10), "each byte once")
      first.close()
      second.close()
      for reader in readers { try require(await errorOf { try await reader.value } == "StreamError", "closed") }
    }
  }

  // MARK: - Networks

  @Test(.enabled(if: OwnNetwork.isAllowed)) func `where no network is, the error says so, and no time is lost`()
    async throws
  {
    try await onLoopThread {
      try OwnNetwork.with {
        try simulate {
          for host in ["192.0.2.1", "2001:db8::1"] {
            do {
              _ = try await openConnection(host: host, port: 80)
              throw Broken(description: "nothing was thrown")
            } catch let error as IOError {
              // Where there is no address to send from either, the system says that.
              try require([ENETUNREACH, EADDRNOTAVAIL].contains(error.errorNumber), "\(error)")
              try require(error.host == host && error.port == 80, "\(error)")
            }
          }
          let socket = try openDatagramSocket(at: SocketAddress(ip: "0.0.0.0", port: 0))
          let nowhere = try SocketAddress(ip: "192.0.2.1", port: 9)
          try require(await errorOf { try await socket.send("x", to: nowhere) } == "IOError", "a datagram")
          socket.close()
        }
        try require(OwnNetwork.ip("link set lo up"), "loopback")
        _ = OwnNetwork.ip("route add unreachable 198.51.100.0/24")
        try simulate {
          do {
            _ = try await openConnection(host: "198.51.100.1", port: 80)
            throw Broken(description: "nothing was thrown")
          } catch let error as IOError {
            try require(error.errorNumber == EHOSTUNREACH, "\(error)")
          }
          // One family has no network: the other is tried at once.
          try await withServer(echo) { server in
            let addresses = try ["2001:db8::1", "127.0.0.1"].map { try SocketAddress(ip: $0, port: 0) }
            let began = milliseconds()
            let resolver = NameResolver { _ in addresses }
            let stream = try await openConnection(host: "example", port: server.port!, resolver: resolver)
            try require(milliseconds() - began < 250, "at once")
            stream.close()
          }
        }
      }
    }
  }

  @Test(.enabled(if: OwnNetwork.isAllowed))
  func `a peer that vanishes without a word is found out by keep-alive`() async throws {
    // Real time: some three seconds.
    try await onLoopThread {
      try OwnNetwork.with {
        try require(OwnNetwork.ip("link set lo up"), "loopback")
        try run {
          try await withServer(echo) { server in
            let keepAlive = KeepAlive(idleSeconds: 1, intervalSeconds: 1, count: 2)
            let stream = try await openConnection(
              to: server.addresses[0], options: SocketOptions(keepAlive: keepAlive))
            try await stream.write("hello\n")
            try require(try await stream.readLine() == "hello", "it is there")
            try require(OwnNetwork.ip("link set lo down"), "the cable is cut")
            do {
              _ = try await waitFor(20) { try await stream.readLine() }
              throw Broken(description: "nothing was thrown")
            } catch let error as IOError {
              try require([ETIMEDOUT, EHOSTUNREACH, ENETUNREACH].contains(error.errorNumber), "\(error)")
            }
            stream.close()
            server.cancelConnections()
          }
        }
      }
    }
  }
}

/// Every way to open something, each without success where there are no descriptors.
@LoopActor
private func openings(_ address: SocketAddress) -> [@LoopActor () async throws -> Void] {
  [
    { _ = try await openConnection(to: address) },
    { _ = try await openConnection(host: "127.0.0.1", port: address.port!) },
    { _ = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)], echo) },
    { _ = try openDatagramSocket(at: SocketAddress(ip: "127.0.0.1", port: 0)) },
    { _ = try openPipe() },
    { _ = try openStreamPair() },
    { _ = try openStandardInput() },
    { _ = try openSerialPort(path: "/dev/null", SerialSettings(speed: 9600)) },
  ]
}

/// Runs `body` while no more than so many descriptors can be opened.
@LoopActor
private func withDescriptors(limit free: Int, _ body: () async throws -> Void) async throws {
  // What others gave back meanwhile could be opened here.
  WholeProcess.descriptors.take()
  defer { WholeProcess.descriptors.giveBack() }
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  // All below the limit are taken.
  var taken: [Int32] = []
  var low = limit
  low.rlim_cur = 512
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
  // Other threads have files open for an instant, the C library's heap and sanitizers do; when they have closed them, those
  // numbers are taken, too, and no new ones are to be had.
  var quietPasses = 0
  while quietPasses < 3 {
    let before = taken.count
    while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
    quietPasses = taken.count == before ? quietPasses + 1 : 0
    usleep(1000)
  }
  for _ in 0..<free { close(taken.removeLast()) }
  defer {
    for descriptor in taken { close(descriptor) }
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
  try await body()
}
