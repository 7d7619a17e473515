import Testing

@testable import Scheduler

@Suite struct OrderTests {
  /// The order in which so many nodes that are always ready make their steps; the turn is paused before each so manieth one.
  private func steps(_ steps: Int, of count: Int, _ order: Order, pauses: Int = .max) -> [UInt32] {
    let nodes = Nodes(count)
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: order)
    for node in nodes.all { scheduler.yield(node) }
    return (0..<steps).map { step in
      if step % pauses == pauses - 1 {
        scheduler.pauseTurn()
        expect(scheduler.nextInTurn(), is: nil)
      }
      let node = scheduler.next()!
      scheduler.yield(node)
      return node.pointee.id
    }
  }

  @Test func `the same seed gives the same numbers, another seed others`() {
    var one = RandomSource(seed: 7)
    var same = RandomSource(seed: 7)
    var other = RandomSource(seed: 8)
    var differences = 0
    for _ in 0..<100 {
      let number = one.next(below: 1000)
      #expect(number == same.next(below: 1000))
      if number != other.next(below: 1000) { differences += 1 }
    }
    #expect(differences > 90)
  }

  @Test func `random numbers are below their bound, and reach all of it`() {
    var random = RandomSource(seed: 1)
    let numbers = (0..<1000).map { _ in random.next(below: 7) }
    #expect(Set(numbers) == Set(0..<7))
  }

  @Test func `first in first out goes round`() {
    #expect(steps(200, of: 3, .fifo) == (0..<200).map { UInt32($0 % 3) })
  }

  @Test func `under a seed every ready node runs once in each turn`() {
    for seed in 0..<20 as Range<UInt64> {
      // More than a full budget, and more than the shuffler begins with.
      let order = steps(5 * 150, of: 150, .seeded(RandomSource(seed: seed)))
      for turn in 0..<5 {
        #expect(Set(order[(turn * 150)..<((turn + 1) * 150)]).count == 150)
      }
    }
  }

  @Test func `a turn that was paused goes on where it was`() {
    for seed in 0..<20 as Range<UInt64> {
      let order = Order.seeded(RandomSource(seed: seed))
      for pauses in 1...3 { #expect(steps(500, of: 50, order, pauses: pauses) == steps(500, of: 50, order)) }
    }
    #expect(steps(500, of: 3, .fifo, pauses: 2) == steps(500, of: 3, .fifo))
  }

  @Test func `all orders of three nodes occur, each about as often`() {
    var counts: [[UInt32]: Int] = [:]
    for seed in 0..<600 as Range<UInt64> { counts[steps(3, of: 3, .seeded(RandomSource(seed: seed))), default: 0] += 1 }
    #expect(counts.count == 6)
    for count in counts.values { #expect((60...140).contains(count)) }
  }

  @Test func `the same seed gives the same order, and turns differ from each other`() {
    let one = steps(300, of: 10, .seeded(RandomSource(seed: 4)))
    #expect(one == steps(300, of: 10, .seeded(RandomSource(seed: 4))))
    #expect(one != steps(300, of: 10, .seeded(RandomSource(seed: 5))))
    // How each turn shuffles the one before it: not always in the same way.
    let shuffles = (0..<29).map { turn in
      (0..<10).map { one[(turn * 10)..<(turn * 10 + 10)].firstIndex(of: one[turn * 10 + 10 + $0])! - turn * 10 }
    }
    #expect(Set(shuffles).count == 29)
  }

  @Test func `changing the seams keeps who is ready and who waits`() {
    let nodes = Nodes(3)
    var scheduler = Scheduler(clock: .virtual(now: 5), poller: .none, order: .fifo)
    scheduler.yield(nodes[0])
    scheduler.yield(nodes[1])
    scheduler.park(nodes[2], until: 9)
    expect(scheduler.next(), is: nodes[0])
    scheduler.configure(clock: .virtual(now: 6), poller: .none, order: .seeded(RandomSource(seed: 1)))
    expect(scheduler.next(), is: nodes[1])
    expect(scheduler.next(), is: nodes[2])
    expect(scheduler.clock.now, is: 9)
  }
}
