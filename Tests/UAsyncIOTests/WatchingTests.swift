#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Testing
import UAsyncIO
import UAsyncIOTesting

/// A pipe that closes itself.
final class Pipe {
  let reader: Int32
  let writer: Int32

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    for end in ends { precondition(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
    (reader, writer) = (ends[0], ends[1])
  }

  deinit {
    close(reader)
    close(writer)
  }

  func send() {
    var byte: UInt8 = 1
    precondition(write(writer, &byte, 1) == 1)
  }

  func receive() -> Bool {
    var byte: UInt8 = 0
    return read(reader, &byte, 1) == 1
  }
}

@Suite struct WatchingTests {
  @Test func `a descriptor that becomes ready wakes its waiter, again and again`() async throws {
    try await simulate(forbidden: [.tasks, .timers]) {
      let pipe = Pipe()
      let reader = createTask {
        for _ in 0..<20 {
          try await waitReadable(pipe.reader)
          try require(pipe.receive(), "a byte is there")
        }
      }
      for _ in 0..<20 {
        try await waitWritable(pipe.writer)
        pipe.send()
        try await sleepMs(1)
      }
      try await reader.value
    }
  }

  @Test func `what the system cannot watch is an error at the call`() async throws {
    try await simulate {
      let pipe = Pipe()
      try require(await errorOf { try await waitReadable(-1) } == "LoopError", "no descriptor")
      try require(await errorOf { try await waitReadable(9999) } == "LoopError", "not open")
      let file = open("/etc/passwd", O_RDONLY)
      defer { close(file) }
      try require(await errorOf { try await waitReadable(file) } == "LoopError", "a regular file")
      let first = createTask { try await waitReadable(pipe.reader) }
      try await sleep(0)
      do {
        try await waitReadable(pipe.reader)
        throw Broken(description: "two readers")
      } catch let error as LoopError {
        try require("\(error)".contains("descriptor \(pipe.reader)"), "the message says which: \(error)")
      }
      pipe.send()
      try await first.value
    }
  }

  @Test func `a cancelled or timed-out wait takes nothing, and the descriptor can be awaited again`() async throws {
    try await simulate {
      let pipe = Pipe()
      try require(
        await errorOf { try await waitFor(1) { try await waitReadable(pipe.reader) } } == "TimeoutError", "limit")
      let task = createTask { try await waitReadable(pipe.reader) }
      try await sleep(1)
      task.cancel()
      try require(await task.result.isCancelled, "cancelled")
      pipe.send()
      try await waitReadable(pipe.reader)
      try require(pipe.receive(), "the byte is still there")
    }
  }

  @Test func `a wait that is cancelled when its descriptor is just ready ends once, wherever the turn ends`()
    async throws
  {
    try await simulate {
      for steps in 0..<130 {
        let pipe = Pipe()
        let reader = createTask { try await waitReadable(pipe.reader) }
        let bystanders = (0..<3).map { _ in createTask { for _ in 0..<200 { try await sleep(0) } } }
        try await sleep(0)
        for _ in 0..<steps { try await sleep(0) }
        pipe.send()
        reader.cancel()
        try require(await reader.result.isCancelled, "cancelled after \(steps) steps")
        for bystander in bystanders { try await bystander.value }
      }
    }
  }

  @Test func `a descriptor that is closed while it is awaited is an error for those who wait`() async throws {
    try await simulate {
      let pipe = Pipe()
      let reader = createTask { try await waitReadable(pipe.reader) }
      try await sleep(0)
      notifyClosing(pipe.reader)
      do {
        try await reader.value
        throw Broken(description: "nothing was thrown")
      } catch let error as LoopError {
        try require("\(error)".contains("closed while it was awaited"), "\(error)")
      }
      pipe.send()
      try await waitReadable(pipe.reader)
    }
  }

  @Test func `reader and writer of one descriptor are both served`() async throws {
    try await simulate {
      var ends: [Int32] = [0, 0]
      try require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0, "socketpair")
      defer { ends.forEach { close($0) } }
      let (one, other) = (ends[0], ends[1])
      let reader = createTask { try await waitReadable(one) }
      let writer = createTask { try await waitWritable(one) }
      try await writer.value
      try require(!reader.isDone, "nothing to read yet")
      var byte: UInt8 = 1
      try require(write(other, &byte, 1) == 1, "sent")
      try await reader.value
    }
  }

  @Test func `simulated descriptors become ready at their times`() async throws {
    let io = SimulatedIO()
    io.readable(5, at: .seconds(3))
    io.writable(5, at: .seconds(1))
    io.readable(5, at: .seconds(4))
    let times = try await simulate(io: io) {
      var times: [Int] = []
      try await waitWritable(5)
      times.append(milliseconds())
      let error = await errorOf { try await waitFor(1) { try await waitReadable(5) } }
      times.append(error == "TimeoutError" ? milliseconds() : -1)
      try await waitReadable(5)
      times.append(milliseconds())
      try await sleep(5)
      try await waitReadable(5)
      times.append(milliseconds())
      return times
    }
    #expect(times == [1000, 2000, 3000, 8000])
  }

  @Test func `a busy coroutine starves neither timers, nor descriptors, nor other threads`() async throws {
    // Real time: some 30 ms.
    let stepsBetween = try await onLoopThread {
      try run {
        let pipe = Pipe()
        let event = Event()
        var steps = 0
        let busy = createTask { while true { try await sleep(0); steps += 1 } }
        var stepsBetween: [String: Int] = [:]
        var before = steps
        try await sleepMs(2)
        stepsBetween["timer"] = steps - before
        Task.detached {
          try? await Task.sleep(for: .milliseconds(2)); await event.set()
        }
        before = steps
        try await waitFor(10) { try await event.wait() }
        stepsBetween["thread"] = steps - before
        let reader = createTask { try await waitReadable(pipe.reader) }
        try await sleepMs(1)
        pipe.send()
        before = steps
        try await waitFor(10) { try await reader.value }
        stepsBetween["descriptor"] = steps - before
        busy.cancel()
        _ = await busy.result
        return stepsBetween
      }
    }
    // The busy one ran, and what came from outside did not wait for ever.
    #expect(stepsBetween.count == 3)
    #expect(stepsBetween["timer"]! > 0)
  }
}
