// TCP on the loopback, in real time, and what streams promise about cancellation.

import UAsyncIO

@_silgen_name("test_send_urgently") private func sendNextUrgently()
@_silgen_name("test_fail_accept") private func failNextAccept(_ error: Int32)

private let megabyte = 1 << 20

/// More than the kernel's buffers hold goes through unharmed, and the one who writes waits for the one who reads.
private func everythingArrives(_ listener: TcpListener) async throws(TaskError) {
  let pair = try await connected(listener)
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * megabyte, alignment: 8)
  defer { bytes.deallocate() }
  var random = UInt32(1)
  for index in bytes.indices {
    random = random &* 1_664_525 &+ 1_013_904_223
    bytes[index] = UInt8(truncatingIfNeeded: random >> 24)
  }
  let sending = createTask { () throws(TaskError) in
    try await pair.client.write(UnsafeRawBufferPointer(bytes))
    pair.client.closeOutput()
  }
  try await sleepMs(20)
  require(!sending.isDone, "who writes waits for who reads")
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 70_001, alignment: 8)
  defer { room.deallocate() }
  var received = 0
  var isSame = true
  while true {
    let count = try await pair.server.read(into: room)
    if count == 0 { break }
    for index in 0..<count where room[index] != bytes[received + index] { isSame = false }
    received += count
  }
  require(received == bytes.count && isSame, "every byte arrives, in order")
  try await sending.value
}

/// Writing without waiting gives as much as there is room for, and says how much that was.
private func writingAtOnce(_ listener: TcpListener) async throws(TaskError) {
  let pair = try await connected(listener)
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * megabyte, alignment: 8)
  defer { bytes.deallocate() }
  for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index % 251) }
  require(try pair.client.tryWrite(UnsafeRawBufferPointer(rebasing: bytes[..<0])) == 0, "nothing of nothing")
  let written = try pair.client.tryWrite(UnsafeRawBufferPointer(bytes))
  require(0 < written && written < bytes.count, "a first part")
  require(
    try pair.client.tryWrite(UnsafeRawBufferPointer(rebasing: bytes[written...])) == 0, "and then there is no room")
  let rest = createTask { () throws(TaskError) in
    try await pair.client.write(UnsafeRawBufferPointer(rebasing: bytes[written...]))
    pair.client.closeOutput()
  }
  try await sleepMs(5)
  var error: TaskError?
  do throws(TaskError) { _ = try pair.client.tryWrite(UnsafeRawBufferPointer(bytes)) } catch let thrown {
    error = thrown
  }
  require(error == .busy, "nobody comes between the bytes of one who waits")
  var received = 0
  var isSame = true
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
  defer { room.deallocate() }
  while true {
    let count = try await pair.server.read(into: room)
    if count == 0 { break }
    for index in 0..<count where room[index] != bytes[received + index] { isSame = false }
    received += count
  }
  require(received == bytes.count && isSame, "every byte arrives once, in order")
  try await rest.value
}

/// Whoever only tries again and again, and never waits, finds the room that the other side has made.
private func tryingAgain(_ listener: TcpListener) async throws(TaskError) {
  let pair = try await connected(listener)
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * megabyte, alignment: 8)
  defer { bytes.deallocate() }
  let written = try pair.client.tryWrite(UnsafeRawBufferPointer(bytes))
  require(written < bytes.count, "there is no more room")
  // As long as it gets all that it asks for, the other side does not wait either: nobody asks the poller for anything.
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
  defer { room.deallocate() }
  var received = 0
  while received < written * 9 / 10 { received += try await pair.server.read(into: room) }
  var more = 0
  for _ in 0..<1000 where more == 0 {
    more = try pair.client.tryWrite(UnsafeRawBufferPointer(bytes))
    try await yieldNow()
  }
  require(more > 0, "there is room again")
}

/// One buffer serves two connections, where nobody awaits between reading and writing.
private func oneBufferForTwo(_ listener: TcpListener) async throws(TaskError) {
  let shared = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
  defer { shared.deallocate() }
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
  defer { room.deallocate() }
  var pairs: [Pair] = []
  var servers: [LoopTask<Void>] = []
  for _ in 0..<2 {
    let pair = try await connected(listener)
    pairs.append(pair)
    servers.append(
      createTask { () throws(TaskError) in
        while true {
          let count = try await pair.server.read(into: shared)
          if count == 0 { return }
          _ = try pair.server.tryWrite(UnsafeRawBufferPointer(rebasing: shared[..<count]))
        }
      })
  }
  for round in 0..<20 {
    for (number, pair) in pairs.enumerated() { try await pair.client.write(10 * number + round % 10 + 100) }
    for (number, pair) in pairs.enumerated() {
      let count = try await pair.client.read(into: room)
      let isOwn =
        count == 3 && room[1] == UInt8(ascii: "0") + UInt8(number) && room[2] == UInt8(ascii: "0") + UInt8(round % 10)
      require(isOwn, "each gets its own back")
    }
  }
  for pair in pairs { pair.client.closeOutput() }
  for server in servers { try await server.value }
}

private func lines(_ listener: TcpListener) async throws(TaskError) {
  let pair = try await connected(listener)
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
  defer { room.deallocate() }

  try await pair.client.write("one\r\ntwo\nthr")
  require(try await pair.server.readLine(into: room) == 3 && room[0] == UInt8(ascii: "o"), "a line with both ends")
  require(try await pair.server.readLine(into: room) == 3 && room[0] == UInt8(ascii: "t"), "a line")
  let reading = createTask { () throws(TaskError) in try await pair.server.readLine(into: room) }
  try await sleepMs(5)
  reading.cancel()
  require(await reading.result.isCancelled, "cancelled in the middle of a line")
  try await pair.client.write("ee\r")
  require(try await pair.server.readLine(into: room) == 5 && room[1] == UInt8(ascii: "h"), "nothing of it is lost")
  try await pair.client.write("\n\n")
  try await pair.client.write(-1234)
  try await pair.client.write("\n0123456789abcdefg\n")
  require(try await pair.server.readLine(into: room) == 0, "an end in two pieces is one; an empty line")
  require(try await pair.server.readLine(into: room) == 5 && room[0] == UInt8(ascii: "-"), "a number")
  var error: TaskError?
  do throws(TaskError) { _ = try await pair.server.readLine(into: room) } catch let thrown { error = thrown }
  require(error == .tooLong, "too long for the buffer")
  require(try await pair.server.readLine(into: room) == 1, "what follows can still be read")
  try await pair.client.write("last")
  pair.client.closeOutput()
  require(try await pair.server.readLine(into: room) == 4, "the last line needs no end")
  require(try await pair.server.readLine(into: room) == nil, "the end")
  require(try await pair.server.readLine(into: room) == nil, "and again")
}

/// A line may be followed by bytes that are none.
private func linesAndBytes(_ listener: TcpListener) async throws(TaskError) {
  let pair = try await connected(listener)
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
  defer { room.deallocate() }
  func expect(_ count: Int, _ first: Unicode.Scalar, _ what: StaticString) async throws(TaskError) {
    require(try await pair.server.read(into: room) == count && room[0] == UInt8(ascii: first), what)
  }
  try await pair.client.write("head\r\nbody")
  require(try await pair.server.readLine(into: room) == 4, "a line")
  try await expect(4, "b", "the bytes behind its end")
  try await pair.client.write("head\r")
  require(try await pair.server.readLine(into: room) == 4, "a line whose end has not come whole")
  let reading = createTask { () throws(TaskError) in try await expect(4, "b", "the bytes behind it") }
  try await sleepMs(2)
  try await pair.client.write("\n")
  try await sleepMs(2)
  require(!reading.isDone, "the rest of an end is not for who reads")
  try await pair.client.write("body")
  try await reading.value
  let none = UnsafeMutableRawBufferPointer(rebasing: room[..<0])
  require(try await pair.server.read(into: none) == 0, "no room, no wait")
  try await pair.client.write("head\r")
  require(try await pair.server.readLine(into: room) == 4, "a line that ends with half of an end")
  try await pair.client.write("body")
  try await expect(4, "b", "what is no rest of an end is not taken for one")
}

/// The kernel stops each read at a place that is marked as urgent, also when there is more.
private func urgentData(_ listener: TcpListener) async throws(TaskError) {
  let pair = try await connected(listener)
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 2000, alignment: 1)
  defer { bytes.deallocate() }
  sendNextUrgently()
  try await pair.client.write(UnsafeRawBufferPointer(bytes))
  // So that the news of all of it have been taken, and there will be no others.
  try await sleepMs(2)
  try await waitFor(5) { () throws(TaskError) in
    var received = 0
    while received < bytes.count {
      received += try await pair.server.read(into: bytes)
      try await sleepMs(1)
    }
    require(received == bytes.count, "urgent data in the middle of a stream stops nobody")
  }
}

/// A server outlives what the system says about single connections, and about too many of them.
private func refusedAccepts(_ listener: TcpListener) async throws(TaskError) {
  // ECONNABORTED: this one is gone. EPROTO, EHOSTUNREACH, EMFILE, ENFILE, ENOBUFS, ENOMEM: later.
  for error in [103, 71, 113, 24, 23, 105, 12] as [Int32] {
    failNextAccept(error)
    let start = loopNanoseconds()
    _ = try await connected(listener)
    require((loopNanoseconds() - start >= 100_000_000) == (error != 103), "it pauses, but not for a single connection")
  }
  failNextAccept(9)
  var error: TaskError?
  do throws(TaskError) { _ = try await listener.accept() } catch let thrown { error = thrown }
  require(error == .system(9), "what will not pass is an error")
}

private func manyAtOnce(_ listener: TcpListener) async throws(TaskError) {
  let servers = createTask { () throws(TaskError) in
    for _ in 0..<50 {
      let stream = try await listener.accept()
      createTask { () throws(TaskError) in
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
        defer { room.deallocate() }
        while true {
          let count = try await stream.read(into: room)
          if count == 0 { return }
          try await stream.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
      }
    }
  }
  let clients = (0..<50).map { n in
    createTask { () throws(TaskError) in
      let stream = try await TcpStream.connect(to: (127, 0, 0, 1), port: listener.port)
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
      defer { room.deallocate() }
      var answers = 0
      for round in 0..<20 {
        try await stream.write(n * 1000 + round)
        try await stream.write("\n")
        if let count = try await stream.readLine(into: room), count > 0 { answers += 1 }
      }
      return answers
    }
  }
  var sum = 0
  for answers in try await gather(clients) { sum += answers }
  require(sum == 1000, "each question has its answer")
  try await servers.value
  try await sleepMs(5)
}

private func errors(_ listener: TcpListener) async throws(TaskError) {
  let port = try TcpListener(port: 0, loopbackOnly: true).port
  var error: TaskError?
  do throws(TaskError) { _ = try await TcpStream.connect(to: (127, 0, 0, 1), port: port) } catch let thrown {
    error = thrown
  }
  require(error == .system(111), "nobody listens there: refused")
  error = nil
  do throws(TaskError) { _ = try TcpListener(port: listener.port, loopbackOnly: true) } catch let thrown {
    error = thrown
  }
  require(error == .system(98), "the port is taken")
  let pair = try await connected(listener)
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
  defer { room.deallocate() }
  let first = createTask { () throws(TaskError) in try await pair.server.read(into: room) }
  try await sleepMs(1)
  let second = createTask { () throws(TaskError) in try await pair.server.read(into: room) }
  require(await second.result.failure == .busy, "two readers: the second is refused")
  first.cancel()
  require(await first.result.isCancelled, "the first can be cancelled")
  try await pair.client.write("x")
  require(try await pair.server.read(into: room) == 1, "and nothing is lost")
  pair.server.close()
  var gone: TaskError?
  for _ in 0..<100 where gone == nil {
    do throws(TaskError) { try await pair.client.write("more") } catch let thrown { gone = thrown }
    try await sleepMs(1)
  }
  require(gone != nil, "writing to nobody is an error")
  error = nil
  do throws(TaskError) { _ = try await pair.server.read(into: room) } catch let thrown { error = thrown }
  require(error == .closed, "reading from what was closed is an error")
}

private func realSleep() async throws(TaskError) {
  for milliseconds in 1...10 {
    let start = loopNanoseconds()
    try await sleepMs(milliseconds)
    require(loopNanoseconds() - start >= Int64(milliseconds) * 1_000_000, "a real sleep is never shorter than it says")
  }
}

func realTime() async throws(TaskError) {
  let listener = try TcpListener(port: 0, loopbackOnly: true)
  try await everythingArrives(listener)
  try await writingAtOnce(listener)
  try await tryingAgain(listener)
  try await oneBufferForTwo(listener)

  try await lines(listener)
  try await linesAndBytes(listener)
  try await urgentData(listener)
  try await refusedAccepts(listener)
  try await manyAtOnce(listener)
  try await errors(listener)
  try await realSleep()
}
