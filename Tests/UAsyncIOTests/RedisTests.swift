import RESP
import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct RedisTests {
  // Made anew each time: in a global, the references' spare bits, which say what case it is, hide them from the leak sanitizer.
  private static var values: [RESPValue] {
    [
      .text("OK"), .error("ERR no"), .integer(-7), .bytes(Array("a\r\nb".utf8)), .bytes([]), .null, .boolean(true),
      .double(2.5), .bigNumber("3492890328409238509324850943850943825024385"), .array([]),
      .array([.integer(1), .array([.null, .bytes([0, 255])])]), .set([.text("x")]),
      .map([RESPPair(.text("k"), .array([.boolean(false)]))]),
      .push([.bytes(Array("message".utf8)), .text("c"), .null]),
    ]
  }

  @Test func `every value is read as it was written, whatever goes wrong under way`() async throws {
    for seed in 0..<20 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let (one, other) = simulatedStreams(seed: seed, faults: .many)
        let writer = createTask {
          for value in Self.values { try await one.write(value.encoded) }
          one.close()
        }
        var read: [RESPValue] = []
        while let value = try await RESPReader(other).next() { read.append(value) }
        try require(read == Self.values, "\(read)")
        try await writer.value
        other.close()
      }
    }
  }

  @Test(arguments: [
    "?\r\n", "\r\n", ":x\r\n", "$5\r\nabc\r\n", "$3\r\nabcde", "*2\r\n:1\r\n", "*99999999999\r\n", "$-2\r\n", "#y\r\n",
    ",1,5\r\n",
    ":1", String(repeating: "*1\r\n", count: 40) + ":1\r\n",
  ])
  func `what is no value is an error, and neither memory nor a hang`(text: String) async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      try await one.write(text)
      one.close()
      let error = await errorOf { _ = try await RESPReader(other).next() }
      try require(["RESPError", "StreamError"].contains(error), error)
      other.close()
    }
  }

  @Test func `commands of many coroutines share a connection, and each gets its own reply`() async throws {
    for seed in 0..<20 as Range<UInt64> {
      try await simulate(order: .seeded(seed)) {
        let (redis, server) = try await connected(seed: seed)
        let tasks = (0..<20).map { number in
          createTask {
            for turn in 0..<5 {
              let reply = try await redis.send("ECHO", "\(number) \(turn)")
              try require(reply.string == "\(number) \(turn)", "\(reply)")
            }
            try require(await errorOf { try await redis.send("NONSENSE") } == "RedisError", "refused")
          }
        }
        for task in tasks { try await task.value }
        let all = try await redis.sendAll((0..<100).map { ["ECHO", "\($0)"] })
        try require(all.map(\.string) == (0..<100).map { "\($0)" }, "in order")
        redis.close()
        try await redis.waitClosed()
        try await server.value
      }
    }
  }

  @Test func `wherever a caller is cancelled, the others' replies are still theirs`() async throws {
    let points = try await onLoopThread {
      try cancelSweep(of: "caller") {
        let (redis, server) = try await connected(seed: 1)
        let caller = createTask(name: "caller") { for _ in 0..<3 { try await redis.send("ECHO", "cancelled") } }
        let others = (0..<3).map { number in
          createTask {
            for turn in 0..<4 {
              let reply = try await redis.send("ECHO", "\(number) \(turn)")
              try require(reply.string == "\(number) \(turn)", "\(reply)")
            }
          }
        }
        _ = await caller.result
        for other in others { try await other.value }
        redis.close()
        try await redis.waitClosed()
        try await server.value
      } check: { outcome in
        try outcome.result.get()
        try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      }
    }
    #expect(points >= 6)
  }

  @Test(arguments: [2, 3]) func `messages come beside the replies, in both versions`(version: Int) async throws {
    try await simulate {
      let (redis, server) = try await connected(seed: 3, version: version)
      let news = try await redis.subscribe("news")
      try require(await errorOf { _ = try await redis.subscribe("news") } == "RedisError", "there already")
      for number in 0..<5 { try await redis.send("PUBLISH", "news", "\(number)") }
      try await redis.send("PUBLISH", "other", "nobody listens")
      var heard: [String] = []
      for try await message in news {
        heard.append(message.text)
        if heard.count == 5 { try await redis.unsubscribe("news") }
      }
      try require(heard == ["0", "1", "2", "3", "4"], "\(heard)")
      // A reply that looks like a message is none when nobody has subscribed.
      try require(try await redis.send("LOOKALIKE").elements?.count == 3, "a reply")
      redis.close()
      try await redis.waitClosed()
      try await server.value
    }
  }

  @Test func `a subscriber that does not read loses its subscription, and nobody waits for it`() async throws {
    try await simulate {
      let (redis, server) = try await connected(seed: 0, faults: .none)
      let news = try await redis.subscribe("news")
      for _ in 0..<1001 { try await redis.send("PUBLISH", "news", "x") }
      var heard = 0
      let error = await errorOf { for try await _ in news { heard += 1 } }
      try require(error == "TooFarBehind" && heard <= 1000, "\(error) after \(heard)")
      redis.close()
      try await redis.waitClosed()
      try await server.value
    }
  }

  @Test func `when the connection ends, who waits for a reply or a message is told`() async throws {
    try await simulate {
      let (one, other) = simulatedStreams()
      let redis = try await RedisConnection(one, version: 2)
      let caller = createTask { try await redis.send("GET", "a") }
      try await sleep(1)
      other.close()
      try require(await errorOf { _ = try await caller.value } == "RESPError", "told")
      try require(await errorOf { try await redis.send("GET", "a") } == "RESPError", "later, too")
      try await redis.waitClosed()
    }
  }
}

/// A connection to a server that echoes, and publishes to those who have subscribed.
@LoopActor
private func connected(
  seed: UInt64, faults: StreamFaults = .many, version: Int = 3
) async throws -> (RedisConnection, LoopTask<Void>) {
  let (one, other) = simulatedStreams(seed: seed, faults: faults)
  let server = createTask { try await serve(other, version) }
  return (try await RedisConnection(one, version: version), server)
}

@LoopActor
private func serve(_ stream: ByteStream, _ version: Int) async throws {
  var subscribed: Set<[UInt8]> = []
  func push(_ parts: [RESPValue]) async throws {
    try await stream.write((version == 3 ? RESPValue.push(parts) : .array(parts)).encoded)
  }
  while let command = try await RESPReader(stream).nextCommand() {
    switch String(decoding: command[0], as: UTF8.self) {
    case "HELLO": try await stream.write(RESPValue.map([]).encoded)
    case "ECHO": try await stream.write(RESPValue.bytes(command[1]).encoded)
    case "SUBSCRIBE":
      subscribed.insert(command[1])
      try await push([.bytes(Array("subscribe".utf8)), .bytes(command[1]), .integer(subscribed.count)])
    case "UNSUBSCRIBE":
      subscribed.remove(command[1])
      try await push([.bytes(Array("unsubscribe".utf8)), .bytes(command[1]), .integer(subscribed.count)])
    case "PUBLISH":
      let hears = subscribed.contains(command[1])
      if hears { try await push([.bytes(Array("message".utf8)), .bytes(command[1]), .bytes(command[2])]) }
      try await stream.write(RESPValue.integer(hears ? 1 : 0).encoded)
    case "LOOKALIKE":
      let parts = ["message", "news", "no"].map { RESPValue.bytes(Array($0.utf8)) }
      try await stream.write(RESPValue.array(parts).encoded)
    default: try await stream.write(RESPValue.error("ERR unknown command").encoded)
    }
  }
  stream.close()
}
