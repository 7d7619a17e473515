import Testing
import UAsyncIO
import UAsyncIOTesting

private final class Parcel {
  let number: Int
  init(_ number: Int) { self.number = number }
}

@Suite struct ChannelTests {
  @Test func `what is sent is received in order, and then the iteration ends`() async throws {
    let got = try await simulate {
      let channel = try Channel<Parcel>(capacity: 2)
      createTask {
        for number in 0..<10 { try await channel.send(Parcel(number)) }
        channel.finish()
      }
      var got: [Int] = []
      for try await parcel in channel { got.append(parcel.number) }
      return got
    }
    #expect(got == Array(0..<10))
  }

  @Test func `who sends waits for who receives`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let channel = try Channel<Int>()
      let sender = createTask {
        for number in 0..<3 {
          try await channel.send(number)
          log.append("sent \(number) at \(milliseconds())")
        }
        channel.finish()
      }
      try await sleep(1)
      for try await _ in channel { try await sleep(1) }
      try await sender.value
      return log
    }
    #expect(log == ["sent 0 at 0", "sent 1 at 1000", "sent 2 at 2000"])
  }

  @Test func `several receivers share the elements, each goes to one, and all end`() async throws {
    try await simulateSeeds(0..<100) {
      let channel = try Channel<Int>(capacity: 3)
      var got: [Int] = []
      let receivers = (0..<3).map { _ in
        createTask { for try await number in channel { got.append(number) } }
      }
      for number in 0..<20 { try await channel.send(number) }
      channel.finish()
      _ = try await gather(receivers)
      try require(got.sorted() == Array(0..<20), "\(got)")
    }
  }

  @Test func `what is in a finished channel is still received, and nothing can be sent`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let channel = try Channel<Int>(capacity: 2)
      log.append("\(try channel.trySend(1)) \(try channel.trySend(2)) \(try channel.trySend(3))")
      let late = createTask { log.append(await errorOf { try await channel.send(3) }) }
      try await sleep(1)
      channel.finish()
      channel.finish()
      log.append(await errorOf { try await channel.send(4) })
      log.append(await errorOf { _ = try channel.trySend(4) })
      log.append("\(channel.isFinished) \(channel.count)")
      for try await number in channel { log.append("\(number)") }
      try await late.value
      return log
    }
    #expect(
      log == ["true true false", "ChannelFinished", "ChannelFinished", "true 2", "1", "2", "ChannelFinished"])
  }

  @Test func `an error ends every iteration, after the elements`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let channel = try Channel<Int>(capacity: 2)
      let others = (0..<2).map { _ in
        createTask { log.append(await errorOf { for try await _ in channel {} }) }
      }
      try await sleep(1)
      channel.fail(with: Boom(code: 1))
      channel.fail(with: CancellationError())
      channel.finish()
      _ = try await gather(others)
      let full = try Channel<Int>(capacity: 2)
      try await full.send(7)
      full.fail(with: Boom())
      var iterator = full.makeAsyncIterator()
      log.append("\(try await iterator.next() ?? -1)")
      do { log.append("\(try await iterator.next() ?? -1)") } catch { log.append("\(type(of: error))") }
      log.append("\(String(describing: try await iterator.next()))")
      return log
    }
    #expect(log == ["Boom", "Boom", "7", "Boom", "nil"])
  }

  @Test func `an iteration whose await was cancelled can go on, and has lost nothing`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let channel = try Channel<Int>()
      let receiver = createTask {
        var iterator = channel.makeAsyncIterator()
        do { _ = try await iterator.next() } catch { log.append("\(type(of: error))") }
        while let number = try await iterator.next() { log.append("\(number)") }
      }
      try await sleep(1)
      try await channel.send(1)
      receiver.cancel()
      try await channel.send(2)
      channel.finish()
      try await receiver.value
      return log
    }
    #expect(log == ["CancellationError", "1", "2"])
  }

  @Test func `a channel without room is refused`() {
    #expect(throws: LoopError.self) { try Channel<Int>(capacity: 0) }
  }

  @Test func `statistics tell who waits, and the most elements that were there`() async throws {
    try await simulate {
      let channel = try Channel<Int>(capacity: 2)
      for number in 0..<2 { try await channel.send(number) }
      let sender = createTask { try await channel.send(2) }
      try await sleep(1)
      var statistics = channel.statistics
      try require(statistics.senders == 1 && statistics.count == 2 && statistics.capacity == 2, "\(statistics)")
      let receiver = createTask { for try await _ in channel {} }
      try await sleep(1)
      statistics = channel.statistics
      try require(statistics.receivers == 1 && statistics.highWaterMark == 2 && !statistics.isFinished, "\(statistics)")
      channel.finish()
      _ = try await gather(sender, receiver)
    }
  }
}
