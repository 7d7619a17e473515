import Testing

@testable import Scheduler

@Suite struct VirtualTurnTests {
  @Test func `virtual time jumps to the next deadline, and stands still while anything can run`() {
    let nodes = Nodes(4)
    var scheduler = Scheduler(clock: .virtual(now: 7), poller: .none, order: .fifo)
    scheduler.park(nodes[0], until: 3600)
    scheduler.park(nodes[1], until: 50)
    scheduler.park(nodes[2], until: 3600)
    scheduler.yield(nodes[3])
    for _ in 0..<200 {
      expect(scheduler.next(), is: nodes[3])
      expect(scheduler.clock.now, is: 7)
      scheduler.yield(nodes[3])
    }
    expect(scheduler.next(), is: nodes[3])
    expect(scheduler.next(), is: nodes[1])
    expect(scheduler.clock.now, is: 50)
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.next(), is: nodes[2])
    expect(scheduler.clock.now, is: 3600)
    expect(scheduler.next(), is: nil)
    expect(scheduler.clock.now, is: 3600)
  }

  @Test func `a deadline that has passed already does not turn time back`() {
    let nodes = Nodes(1)
    var scheduler = Scheduler(clock: .virtual(now: 100), poller: .none, order: .fifo)
    scheduler.park(nodes[0], until: 40)
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.clock.now, is: 100)
  }

  @Test func `with waiters that nobody can wake, the scheduler is stuck, and says so each time`() {
    let nodes = Nodes(2)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
    scheduler.park(nodes[0], until: Clock.never)
    expect(scheduler.next(), is: nil)
    expect(scheduler.next(), is: nil)
    expect(scheduler.lot.otherCount, is: 1)
    scheduler.wake(nodes[0], .event)
    expect(scheduler.next(), is: nodes[0])
  }

  @Test func `what became due while a node blocked comes before what it makes ready afterwards`() {
    let nodes = Nodes(5)
    let real = FakeTime()
    for clock in [Clock.virtual(now: 0), real.clock()] {
      var scheduler = Scheduler(clock: clock, poller: .none, order: .fifo)
      scheduler.park(nodes[0], until: 30)
      scheduler.park(nodes[1], until: 10)
      scheduler.park(nodes[2], until: 90)
      scheduler.yield(nodes[3])
      scheduler.yield(nodes[4])
      expect(scheduler.next(), is: nodes[3])
      real.now = 50
      scheduler.passTime(50)
      expect(scheduler.clock.now, is: 50)
      scheduler.yield(nodes[3])
      for index in [4, 1, 0, 3] { expect(scheduler.next(), is: nodes[index]) }
      expect(scheduler.lot.deadline(of: nodes[2]), is: 90)
    }
  }

  @Test func `a new deadline replaces the old one`() {
    let nodes = Nodes(2)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
    scheduler.park(nodes[0], until: 10)
    scheduler.park(nodes[1], until: 20)
    scheduler.setDeadline(nodes[0], 30)
    expect(scheduler.lot.deadline(of: nodes[0]), is: 30)
    expect(scheduler.next(), is: nodes[1])
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.clock.now, is: 30)
    expect(scheduler.next(), is: nil)
  }

  @Test func `before a jump the outside has its silence, once`() {
    let nodes = Nodes(2)
    let outside = FakeOutside()
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: outside.poller, order: .fifo)
    scheduler.silence = 123
    scheduler.park(nodes[1], until: Clock.never)
    expect(scheduler.watch(9, .readable, nodes[1]), is: 0)
    scheduler.park(nodes[0], until: 1000)
    var waits: [Int64] = []
    outside.onWait = { limit, _ in if case .nanoseconds(let limit) = limit { waits.append(limit) } }
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.clock.now, is: 1000)
    #expect(waits == [123])
    // What comes within the silence comes before the jump.
    scheduler.park(nodes[0], until: 2000)
    outside.onWait = { _, outside in outside.ready.append(nodes[1]) }
    expect(scheduler.next(), is: nodes[1])
    expect(scheduler.clock.now, is: 1000)
    expect(scheduler.next(), is: nodes[0])
  }

  @Test func `while something is done outside for the loop, the clock does not jump, and nothing is stuck`() {
    let nodes = Nodes(2)
    let outside = FakeOutside()
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: outside.poller, order: .fifo)
    scheduler.outsideHolds = 1
    scheduler.park(nodes[0], until: 1000)
    scheduler.park(nodes[1], until: Clock.never)
    var waits = 0
    outside.onWait = { limit, outside in
      if case .forever = limit { waits += 1 }
      // News that ends nothing, and then the end of what was done.
      if waits == 3 { outside.mail = [nodes[1]] }
    }
    expect(scheduler.next(), is: nodes[1])
    expect(scheduler.clock.now, is: 0)
    #expect(waits == 3)
    scheduler.outsideHolds = 0
    outside.onWait = { _, _ in }
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.clock.now, is: 1000)
    expect(scheduler.next(), is: nil)
  }

  @Test func `without a timer the outside is waited for without limit`() {
    let nodes = Nodes(1)
    let outside = FakeOutside()
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: outside.poller, order: .fifo)
    scheduler.park(nodes[0], until: Clock.never)
    expect(scheduler.watch(9, .readable, nodes[0]), is: 0)
    var isForever = false
    outside.onWait = { limit, outside in
      if case .forever = limit { isForever = true }
      outside.ready.append(nodes[0])
    }
    expect(scheduler.next(), is: nodes[0])
    #expect(isForever)
  }
}

@Suite struct SimulatedPollerTests {
  @Test func `descriptors become ready at their times, each time for one waiter`() {
    let nodes = Nodes(3)
    let io = SimulatedPoller()
    io.schedule(5, .readable, at: 40)
    io.schedule(5, .readable, at: 20)
    io.schedule(5, .writable, at: 30)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .simulated(io, behind: nil), order: .fifo)
    for (node, interest) in zip(nodes.all, [Interest.readable, .readable, .writable]) {
      scheduler.park(node, until: Clock.never)
      expect(scheduler.watch(5, interest, node), is: 0)
    }
    var answers: [(UInt32, Int64)] = []
    while let node = scheduler.next() {
      #expect(node.pointee.reason == .event)
      answers.append((node.pointee.id, scheduler.clock.now))
    }
    #expect(answers.map(\.0) == [0, 2, 1])
    #expect(answers.map(\.1) == [20, 30, 40])
    #expect(io.watchCount == 0)
  }

  @Test func `readiness that comes before anybody waits is kept`() {
    let nodes = Nodes(1)
    let io = SimulatedPoller()
    io.schedule(5, .readable, at: 10)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .simulated(io, behind: nil), order: .fifo)
    scheduler.park(nodes[0], until: 100)
    expect(scheduler.next(), is: nodes[0])
    expect(scheduler.clock.now, is: 100)
    scheduler.park(nodes[0], until: 200)
    expect(scheduler.watch(5, .readable, nodes[0]), is: 0)
    expect(scheduler.next(), is: nodes[0])
    #expect(nodes[0].pointee.reason == .event)
    expect(scheduler.clock.now, is: 100)
  }

  @Test func `a wait that was taken back is not answered, and its readiness waits for another`() {
    let nodes = Nodes(2)
    let io = SimulatedPoller()
    io.schedule(5, .readable, at: 10)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .simulated(io, behind: nil), order: .fifo)
    for node in nodes.all {
      scheduler.park(node, until: Clock.never)
      expect(scheduler.watch(5, .readable, node), is: 0)
    }
    scheduler.unwatch(5, .readable, nodes[0])
    scheduler.forget(nodes[0])
    expect(scheduler.next(), is: nodes[1])
    expect(scheduler.next(), is: nil)
  }
}
