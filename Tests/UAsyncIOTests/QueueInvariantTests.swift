import Testing
import UAsyncIO

/// What must hold for queues and channels at any time, in any order, whoever is cancelled when: see `Crowd`.
@Suite struct QueueInvariantTests {
  @Test func `a queue loses and doubles nothing, keeps its order, and has nobody waiting in vain`() async throws {
    try await underSeeds { crowd in
      let order = Ordering.allCases[crowd.roll(3)]
      let model = Model(maxSize: crowd.roll(4), order: order)
      for _ in 0..<4 { crowd.add { try await model.produce(crowd) } }
      for _ in 0..<4 { crowd.add { try await model.consume(crowd) } }
      for _ in 0..<2 { crowd.add { try await model.join(crowd) } }
      try await crowd.watch(crowd.roll(16)) { try model.check() }
      let immediate = crowd.roll(2) == 0
      model.shutdown(immediate: immediate)
      crowd.disturb()
      if !immediate {
        try await sleep(0.5)
        try await model.drain()
      }
      try await crowd.end()
      try model.checkEnd()
    }
  }

  @Test func `a channel hands each element to one receiver, in order, and all end`() async throws {
    try await underSeeds { crowd in
      let channel = try Channel<Int>(capacity: 1 + crowd.roll(3))
      var last = 0
      var sent: [Int] = []
      let isFailing = crowd.roll(2) == 0
      for _ in 0..<3 {
        crowd.add {
          for _ in 0..<4 {
            try await crowd.pause()
            last += 1
            let number = last
            do { try await channel.send(number) } catch is ChannelFinished {
              try require(channel.isFinished, "finished")
              return
            }
            sent.append(number)
            crowd.disturb()
          }
        }
      }
      for _ in 0..<4 {
        crowd.add {
          do {
            for try await number in channel {
              try require(sent.first == number, "\(number) is next of \(sent)")
              sent.removeFirst()
              crowd.disturb()
              try await crowd.pause()
            }
            try require(!isFailing, "ends with the error")
          } catch is Boom {
            try require(isFailing, "ends without error")
          }
          try require(channel.isFinished && sent.isEmpty, "over")
        }
      }
      try await crowd.watch(crowd.roll(12)) {
        let statistics = channel.statistics
        try require(statistics.count == sent.count && statistics.count <= statistics.capacity, "\(statistics)")
        try require(statistics.receivers == 0 || statistics.count == 0, "an element for a waiting receiver")
        try require(statistics.senders == 0 || statistics.count == statistics.capacity, "room for a waiting sender")
      }
      if isFailing { channel.fail(with: Boom()) } else { channel.finish() }
      crowd.disturb()
      try await crowd.end()
      try require(channel.count == sent.count, "what is left is there")
      try require(channel.statistics.receivers + channel.statistics.senders == 0, "nobody waits")
    }
  }
}

/// A plain object with a rank.
private final class Item: Comparable {
  let rank: Int
  let number: Int

  init(rank: Int, number: Int) {
    self.rank = rank
    self.number = number
  }

  static func == (one: Item, other: Item) -> Bool { one.rank == other.rank }
  static func < (one: Item, other: Item) -> Bool { one.rank < other.rank }
}

private enum Ordering: CaseIterable {
  case fifo
  case lifo
  case priority

  var queueOrder: QueueOrder<Item> {
    switch self {
    case .fifo: .fifo
    case .lifo: .lifo
    case .priority: .priority
    }
  }
}

/// A queue, and what must be in it.
@LoopActor
private final class Model {
  private let queue: Queue<Item>
  private let order: Ordering
  private var items: [Item] = []
  private var number = 0
  private var unfinished = 0
  private var most = 0

  init(maxSize: Int, order: Ordering) {
    queue = Queue(maxSize: maxSize, order: order.queueOrder)
    self.order = order
  }

  func produce(_ crowd: Crowd) async throws {
    for _ in 0..<5 {
      try await crowd.pause()
      number += 1
      let item = Item(rank: crowd.roll(3), number: number)
      do {
        if crowd.roll(4) == 0 {
          guard try queue.tryPut(item) else { continue }
        } else {
          try await queue.put(item)
        }
      } catch let error as QueueShutDown {
        try require(queue.isShutDown, "\(error)")
        return
      }
      items.append(item)
      most = max(most, items.count)
      unfinished += 1
      try require(queue.count == items.count, "it is there")
      crowd.disturb()
    }
  }

  func consume(_ crowd: Crowd) async throws {
    while true {
      do {
        let item: Item
        if crowd.roll(4) == 0 {
          guard let there = try queue.tryGet() else {
            try await sleep(0.5)
            continue
          }
          item = there
        } else {
          item = try await queue.get()
        }
        try take(item)
        defer { done() }
        crowd.disturb()
        try await crowd.pause()
      } catch is QueueShutDown {
        try require(queue.isShutDown && items.isEmpty, "over")
        return
      }
    }
  }

  func join(_ crowd: Crowd) async throws {
    try await crowd.pause()
    try await queue.join()
    crowd.disturb()
  }

  private func take(_ item: Item) throws {
    let expected: Int?
    switch order {
    case .fifo: expected = items.indices.first
    case .lifo: expected = items.indices.last
    case .priority: expected = items.indices.min { items[$0].rank < items[$1].rank }
    }
    guard let expected else { throw Broken(description: "an item that was not there") }
    try require(items[expected] === item, "item \(items[expected].number) is next, not \(item.number)")
    items.remove(at: expected)
  }

  private func done() {
    unfinished -= 1
    do { try queue.taskDone() } catch { unfinished = .min / 2 }
  }

  func shutdown(immediate: Bool) {
    queue.shutdown(immediate: immediate)
    guard immediate else { return }
    unfinished -= items.count
    items = []
  }

  /// Takes what those who were cancelled have left.
  func drain() async throws {
    for _ in 0..<100 where !queue.isEmpty {
      if let item = try queue.tryGet() {
        try take(item)
        done()
      }
      try await yieldNow()
    }
  }

  func check() throws {
    let statistics = queue.statistics
    try require(statistics.count == items.count, "\(statistics.count) items, not \(items.count)")
    try require(statistics.highWaterMark == most, "at most \(statistics.highWaterMark) items, not \(most)")
    try require(queue.maxSize <= 0 || statistics.count <= queue.maxSize, "too many items")
    try require(statistics.unfinished == unfinished, "\(statistics.unfinished) unfinished, not \(unfinished)")
    try require(statistics.getters == 0 || statistics.count == 0, "there is an item for who waits")
    try require(statistics.putters == 0 || queue.isFull, "there is room for who waits")
  }

  func checkEnd() throws {
    try check()
    let statistics = queue.statistics
    try require(statistics.count == 0 && statistics.unfinished == 0, "nothing is left: \(statistics)")
    try require(statistics.getters + statistics.putters == 0, "nobody waits: \(statistics)")
    try require(queue.isShutDown, "for ever")
  }
}
