// TCP on the loopback, in real time, and what streams promise about cancellation.

import CTinyLinux
import UAsyncIO

nonisolated(unsafe) private var failures: Int32 = 0

private func require(_ condition: Bool, _ what: StaticString) {
  if condition { return }
  failures += 1
  writeText("FAILED: ")
  writeText(what)
  writeText("\n")
}

private struct Pair {
  let client: TcpStream
  let server: TcpStream
}

private func connected(_ listener: TcpListener) async throws(TaskError) -> Pair {
  let accepting = createTask { () throws(TaskError) in try await listener.accept(bufferSize: 16) }
  let client = try await TcpStream.connect(to: (127, 0, 0, 1), port: listener.port, bufferSize: 16)
  return Pair(client: client, server: try await accepting.value)
}

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

private func all() async throws(TaskError) {
  let listener = try TcpListener(port: 0, loopbackOnly: true)
  try await everythingArrives(listener)

  try await lines(listener)

  try await manyAtOnce(listener)

  try await errors(listener)
  try await realSleep()
}

extension Result where Failure == TaskError {
  fileprivate var failure: TaskError? {
    if case .failure(let error) = self { error } else { nil }
  }

  fileprivate var isCancelled: Bool { failure == .cancelled }
}

@main struct Streams {
  static func main() {
    useTaskSize(1024)
    do throws(TaskError) {
      try run(size: 8192, all)
    } catch {
      writeError(error)
      failures += 1
    }
    writeText(failures == 0 ? "streams: all is as it should be\n" : "streams: failures\n")
    exitProgram(failures)
  }
}
