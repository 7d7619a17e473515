import Testing

@testable import Scheduler

@Suite struct ParkingLotTests {
  /// What a parking lot does, in the plainest way.
  private struct Model {
    var timers: [(deadline: Int64, order: Int, node: NodePointer)] = []
    var others: [NodePointer] = []
    var parkings = 0

    mutating func park(_ node: NodePointer, until deadline: Int64) {
      parkings += 1
      if deadline == Clock.never { others.append(node) } else { timers.append((deadline, parkings, node)) }
    }

    mutating func remove(_ node: NodePointer) {
      timers.removeAll { $0.node == node }
      others.removeAll { $0 == node }
    }

    mutating func popDue(at now: Int64) -> NodePointer? {
      let first = timers.min { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
      guard let first, first.deadline <= now else { return nil }
      remove(first.node)
      return first.node
    }

    func deadline(of node: NodePointer) -> Int64? { timers.first { $0.node == node }?.deadline }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `random operations agree with the plainest model`(seed: UInt64) {
    let nodes = Nodes(60)
    var lot = ParkingLot()
    var model = Model()
    var random = RandomSource(seed: seed)
    for step in 0..<4000 {
      let node = nodes[random.next(below: nodes.count)]
      let isParked = node.pointee.slot != ParkingLot.nowhere
      switch random.next(below: 10) {
      case 0...5 where !isParked:
        // Few different deadlines, so that many are equal.
        let deadline = random.next(below: 8) == 0 ? Clock.never : Int64(random.next(below: 20))
        lot.park(node, until: deadline)
        model.park(node, until: deadline)
      case 0...7:
        lot.remove(node)
        model.remove(node)
        #expect(node.pointee.slot == ParkingLot.nowhere)
      case 8:
        let now = Int64(random.next(below: 20))
        expect(lot.popDue(at: now), is: model.popDue(at: now))
      default:
        // Numbers that run out, at a moment that is as good as any.
        if step % 3 == 0, lot.timerCount > 0 { lot.nextSequence = .max }
        expect(lot.deadline(of: node), is: model.deadline(of: node))
      }
      expect(lot.timerCount, is: model.timers.count)
      expect(lot.otherCount, is: model.others.count)
      expect(lot.nextDeadline, is: model.timers.map(\.deadline).min())
    }
    while let node = model.popDue(at: 100) { expect(lot.popDue(at: 100), is: node) }
    expect(lot.popDue(at: 100), is: nil)
    for node in nodes.all { lot.remove(node) }
    expect(lot.otherCount, is: 0)
  }

  @Test func `equal deadlines keep their order when the numbers run out`() {
    let nodes = Nodes(9)
    var lot = ParkingLot()
    for node in nodes.all.prefix(4) { lot.park(node, until: 5) }
    lot.nextSequence = .max - 1
    for node in nodes.all.dropFirst(4) { lot.park(node, until: 5) }
    expect(lot.nextSequence, is: 9)
    for node in nodes.all { expect(lot.popDue(at: 5), is: node) }
  }

  @Test func `room that is there stays when the numbers run out`() {
    let nodes = Nodes(100)
    var lot = ParkingLot()
    for node in nodes.all { lot.park(node, until: 5) }
    for node in nodes.all.dropFirst(3) { lot.remove(node) }
    let (place, capacity) = (lot.timers.base, lot.timers.capacity)
    lot.nextSequence = .max
    lot.park(nodes[3], until: 5)
    expect(lot.nextSequence, is: 4)
    expect(lot.timers.base, is: place)
    expect(lot.timers.capacity, is: capacity)
    for node in nodes.all.prefix(4) { expect(lot.popDue(at: 5), is: node) }
  }

  @Test func `every parked node is visited`() {
    let nodes = Nodes(6)
    var lot = ParkingLot()
    for (index, node) in nodes.all.enumerated() { lot.park(node, until: index % 2 == 0 ? Clock.never : 3) }
    lot.remove(nodes[2])
    lot.remove(nodes[3])
    var visited: Set<UInt32> = []
    lot.forEach { visited.insert($0.pointee.id) }
    #expect(visited == [0, 1, 4, 5])
  }

  @Test func `nothing is due before its time`() {
    let nodes = Nodes(1)
    var lot = ParkingLot()
    lot.park(nodes[0], until: 10)
    expect(lot.popDue(at: 9), is: nil)
    expect(lot.popDue(at: 10), is: nodes[0])
    #expect(nodes[0].pointee.slot == ParkingLot.nowhere)
  }
}

@Suite struct ClockTests {
  @Test func `a deadline out of reach is never`() {
    #expect(Clock.deadline(.max, after: 1) == Clock.never)
    #expect(Clock.deadline(.max - 10, after: 11) == Clock.never)
    #expect(Clock.deadline(.max - 10, after: 9) == .max - 1)
    #expect(Clock.deadline(5, after: 7) == 12)
    #expect(Clock.deadline(-5, after: 7) == 7)
    #expect(Clock.deadline(.min, after: 7) == 7)
  }

  @Test func `a monotonic clock counts from its origin`() {
    let time = FakeTime()
    time.now = 50
    #expect(time.clock(origin: 20).now == 30)
    #expect(!time.clock().isVirtual)
    #expect(Clock.virtual(now: 4).now == 4)
  }
}
