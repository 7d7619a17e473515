import Testing

@testable import Scheduler

/// A loop whose time is the test's, with nodes that are always ready beside one that waits.
private final class BusyLoop {
  let time = FakeTime()
  let outside = FakeOutside()
  let nodes: Nodes
  var scheduler: Scheduler
  /// How long a step takes.
  var step: Int64

  /// The last node is the one that waits; it is not busy.
  var waiter: NodePointer { nodes[nodes.count - 1] }

  init(busy: Int, step: Int64) {
    self.step = step
    nodes = Nodes(busy + 1)
    scheduler = Scheduler(clock: time.clock(), poller: outside.poller, order: .fifo)
    for node in nodes.all.dropLast() { scheduler.yield(node) }
  }

  /// Runs busy nodes until the waiter is next, or so many steps are over. Returns their number.
  func stepsUntilWaiter(limit: Int) -> Int {
    for steps in 0..<limit {
      let node = scheduler.next()
      if node == waiter { return steps }
      time.now += step
      scheduler.yield(node!)
    }
    return limit
  }
}

@Suite struct MonotonicTurnTests {
  @Test func `beside busy nodes a timer is late by less than a full turn of short steps`() {
    let loop = BusyLoop(busy: 3, step: microsecond)
    for _ in 0..<50 {
      let deadline = loop.time.now + 500 * microsecond
      loop.scheduler.park(loop.waiter, until: deadline)
      let steps = loop.stepsUntilWaiter(limit: 10_000)
      #expect(loop.time.now >= deadline)
      // The clock is read after at most a full turn, and the three that were ready before it run first.
      #expect(steps <= 500 + Scheduler.fullBudget + 3)
      #expect(loop.waiter.pointee.reason == .deadline)
    }
  }

  @Test func `with short steps the clock is read hardly more often than once a turn`() {
    let loop = BusyLoop(busy: 3, step: microsecond / 10)
    loop.scheduler.park(loop.waiter, until: 1000 * millisecond)
    _ = loop.stepsUntilWaiter(limit: 1000)
    let before = loop.time.readings
    _ = loop.stepsUntilWaiter(limit: 6400)
    // Twice or thrice in each turn of 64 steps.
    #expect(loop.time.readings - before <= 3 * 6400 / Scheduler.fullBudget)
  }

  @Test func `beside long steps a timer is late by one step, from the first timer on`() {
    let loop = BusyLoop(busy: 1, step: 10 * millisecond)
    // Long before the timer, nothing was awaited, and turns were as long as they liked.
    _ = loop.stepsUntilWaiter(limit: 200)
    for _ in 0..<20 {
      let deadline = loop.time.now + 35 * millisecond
      loop.scheduler.park(loop.waiter, until: deadline)
      _ = loop.stepsUntilWaiter(limit: 1000)
      #expect(loop.time.now >= deadline)
      #expect(loop.time.now - deadline <= 2 * loop.step)
    }
  }

  @Test func `beside long steps a timer is late by one step, too, if the turn is paused when it begins`() {
    let loop = BusyLoop(busy: 1, step: 10 * millisecond)
    for _ in 0..<20 {
      // Nothing is awaited, and turns become as long as they like.
      _ = loop.stepsUntilWaiter(limit: 70)
      let deadline = loop.time.now + 35 * millisecond
      loop.scheduler.pauseTurn()
      loop.scheduler.park(loop.waiter, until: deadline)
      #expect(loop.stepsUntilWaiter(limit: 1000) < 1000)
      #expect(loop.time.now - deadline <= 2 * loop.step)
    }
  }

  @Test func `a timer that is gone after one step does not end the turn`() {
    let loop = BusyLoop(busy: 1, step: microsecond)
    let steps = 2 * Scheduler.fullBudget
    _ = loop.stepsUntilWaiter(limit: 200)
    let turn = loop.scheduler.turn
    let readings = loop.time.readings
    for _ in 0..<steps / 2 {
      loop.scheduler.park(loop.waiter, until: loop.time.now + millisecond)
      #expect(loop.stepsUntilWaiter(limit: 1) == 1)
      loop.scheduler.wake(loop.waiter, .event)
      #expect(loop.stepsUntilWaiter(limit: 2) <= 1)
      #expect(loop.waiter.pointee.reason == .event)
    }
    // Turns are as long as if there had been no timer; the waiter's steps and those of the busy one count alike.
    #expect(loop.scheduler.turn - turn <= UInt64(2 * steps / Scheduler.fullBudget + 1))
    #expect(loop.time.readings - readings <= 3 * 2 * steps / Scheduler.fullBudget)
  }

  @Test func `after idleness long steps delay a timer by no more than the first few`() {
    let loop = BusyLoop(busy: 0, step: 10 * millisecond)
    let others = Nodes(2)
    let time = loop.time
    loop.outside.onWait = { limit, _ in if case .nanoseconds(let limit) = limit { time.now += limit } }
    loop.scheduler.park(others[1], until: 10_000 * millisecond)
    // Many short steps, so that turns are long, and then only waits.
    loop.scheduler.yield(others[0])
    for _ in 0..<1000 {
      expect(loop.scheduler.next(), is: others[0])
      time.now += microsecond
      loop.scheduler.yield(others[0])
    }
    expect(loop.scheduler.next(), is: others[0])
    for _ in 0..<50 {
      loop.scheduler.park(others[0], until: loop.time.now + millisecond)
      expect(loop.scheduler.next(), is: others[0])
    }
    // Now a task begins to compute, and another one sleeps.
    let deadline = loop.time.now + 5 * millisecond
    loop.scheduler.park(loop.waiter, until: deadline)
    loop.scheduler.yield(others[0])
    _ = loop.stepsUntilWaiter(limit: 1000)
    // One step was short, so the next turn has four.
    #expect(loop.time.now - deadline <= 5 * loop.step)
  }

  @Test func `when steps become long, one turn is enough to learn it`() {
    let loop = BusyLoop(busy: 1, step: microsecond)
    loop.scheduler.park(loop.waiter, until: 1000 * millisecond)
    _ = loop.stepsUntilWaiter(limit: 1000)
    loop.step = millisecond
    _ = loop.stepsUntilWaiter(limit: Scheduler.fullBudget + 1)
    let before = loop.time.readings
    _ = loop.stepsUntilWaiter(limit: 10)
    // Now the clock is read after each step.
    #expect(loop.time.readings - before >= 10)
  }

  @Test func `no timer wakes early, even if the wait for news ends early`() {
    let time = FakeTime()
    let outside = FakeOutside()
    let nodes = Nodes(40)
    var deadlines: [NodePointer: Int64] = [:]
    var random = RandomSource(seed: 11)
    outside.onWait = { limit, _ in
      guard case .nanoseconds(let limit) = limit else { return }
      // A signal, or a system that rounds: any time from none to more than asked for.
      time.now += min(Int64(random.next(below: Int(limit) + 50)), limit + 20)
    }
    var scheduler = Scheduler(clock: time.clock(), poller: outside.poller, order: .fifo)
    for node in nodes.all {
      deadlines[node] = Int64(random.next(below: 1000))
      scheduler.park(node, until: deadlines[node]!)
    }
    for _ in 0..<3000 {
      let node = scheduler.next()!
      #expect(node.pointee.reason == .deadline)
      #expect(time.now >= deadlines[node]!)
      time.now += Int64(random.next(below: 30))
      deadlines[node] = time.now + Int64(random.next(below: 1000))
      scheduler.park(node, until: deadlines[node]!)
    }
  }

  @Test func `the wait for news ends at the next deadline, and without one never`() {
    let time = FakeTime()
    let outside = FakeOutside()
    let nodes = Nodes(2)
    var limits: [Int64] = []
    outside.onWait = { limit, outside in
      switch limit {
      case .nanoseconds(let limit):
        limits.append(limit)
        time.now += limit
      default:
        limits.append(-1)
        outside.mail.append(nodes[1])
      }
    }
    time.now = 100
    var scheduler = Scheduler(clock: time.clock(origin: 100), poller: outside.poller, order: .fifo)
    scheduler.park(nodes[0], until: 70)
    scheduler.park(nodes[1], until: Clock.never)
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.next(), is: nodes[1])
    #expect(limits == [70, -1])
  }

  @Test func `busy nodes do not keep mail waiting for more than a turn`() {
    let loop = BusyLoop(busy: 3, step: microsecond)
    _ = loop.stepsUntilWaiter(limit: 100)
    loop.scheduler.park(loop.waiter, until: Clock.never)
    loop.outside.mail.append(loop.waiter)
    #expect(loop.stepsUntilWaiter(limit: 1000) <= Scheduler.fullBudget + 3)
  }

  @Test func `busy nodes do not keep descriptors waiting for more than a turn`() {
    let loop = BusyLoop(busy: 3, step: microsecond)
    for _ in 0..<20 {
      loop.scheduler.park(loop.waiter, until: Clock.never)
      expect(loop.scheduler.watch(9, .readable, loop.waiter), is: 0)
      _ = loop.stepsUntilWaiter(limit: 200)
      loop.outside.ready.append(loop.waiter)
      #expect(loop.stepsUntilWaiter(limit: 1000) <= 2 * Scheduler.fullBudget + 3)
      #expect(loop.waiter.pointee.reason == .event)
    }
    expect(loop.scheduler.outsideWaits, is: 0)
  }

  @Test func `beside long steps a descriptor is answered after one step, from the first on`() {
    let loop = BusyLoop(busy: 1, step: 10 * millisecond)
    _ = loop.stepsUntilWaiter(limit: 200)
    for _ in 0..<20 {
      loop.scheduler.park(loop.waiter, until: Clock.never)
      expect(loop.scheduler.watch(9, .readable, loop.waiter), is: 0)
      loop.outside.ready.append(loop.waiter)
      #expect(loop.stepsUntilWaiter(limit: 1000) <= 2)
    }
  }

  @Test func `descriptors are asked at most once in each poll interval while nodes are busy`() {
    let loop = BusyLoop(busy: 1, step: microsecond / 10)
    loop.scheduler.park(loop.waiter, until: Clock.never)
    expect(loop.scheduler.watch(9, .readable, loop.waiter), is: 0)
    _ = loop.stepsUntilWaiter(limit: 10_000)
    let intervals = Int(1000 * microsecond / Scheduler.pollInterval)
    #expect(loop.outside.limits.count <= intervals + 1)
    #expect(loop.outside.limits.count >= intervals / 2)
  }

  @Test func `a wait for news is not followed by another look at the descriptors`() {
    let loop = BusyLoop(busy: 0, step: microsecond)
    let time = loop.time
    let others = Nodes(1)
    loop.outside.onWait = { limit, _ in if case .nanoseconds(let limit) = limit { time.now += limit } }
    loop.scheduler.park(others[0], until: Clock.never)
    expect(loop.scheduler.watch(9, .readable, others[0]), is: 0)
    time.now = millisecond
    loop.scheduler.park(loop.waiter, until: 2 * millisecond)
    expect(loop.scheduler.next(), is: loop.waiter)
    // The wait is the look.
    #expect(loop.outside.limits.count == 1)
  }

  @Test func `a descriptor without a poller is refused`() {
    let nodes = Nodes(1)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
    expect(scheduler.watch(9, .readable, nodes[0]), is: Scheduler.notSupported)
    expect(scheduler.outsideWaits, is: 0)
  }
}
