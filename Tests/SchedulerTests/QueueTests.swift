import Testing

@testable import Scheduler

@Suite struct ReadyQueueTests {
  @Test func `nodes come out in the order in which they went in`() {
    let nodes = Nodes(5)
    var queue = ReadyQueue()
    expect(queue.isEmpty, is: true)
    for node in nodes.all { queue.append(node) }
    expect(queue.popFirst(), is: nodes[0])
    expect(queue.popFirst(), is: nodes[1])
    queue.append(nodes[0])
    for index in [2, 3, 4, 0] { expect(queue.popFirst(), is: nodes[index]) }
    expect(queue.isEmpty, is: true)
    expect(queue.popFirst(), is: nil)
  }

  @Test func `a queue that was empty once takes nodes again`() {
    let nodes = Nodes(2)
    var queue = ReadyQueue()
    for _ in 0..<3 {
      queue.append(nodes[1])
      queue.append(nodes[0])
      expect(queue.popFirst(), is: nodes[1])
      expect(queue.popFirst(), is: nodes[0])
      expect(queue.isEmpty, is: true)
    }
  }
}

@Suite struct WaitListTests {
  @Test func `waiters are listed in the order in which they came`() {
    let nodes = Nodes(4)
    let list = List()
    #expect(list.pointer.pointee.isEmpty)
    for node in nodes.all { WaitList.append(node, to: list.pointer) }
    #expect(list.ids == [0, 1, 2, 3])
    #expect(list.pointer.pointee.front == nodes[0])
  }

  @Test(arguments: [0, 1, 2, 3])
  func `a waiter can leave from anywhere, and come again at the end`(leaving: Int) {
    let nodes = Nodes(4)
    let list = List()
    for node in nodes.all { WaitList.append(node, to: list.pointer) }
    WaitList.remove(nodes[leaving])
    let others = (0..<4).filter { $0 != leaving }.map(UInt32.init)
    #expect(list.ids == others)
    #expect(nodes[leaving].pointee.list == nil)
    // Leaving again does nothing.
    WaitList.remove(nodes[leaving])
    #expect(list.ids == others)
    WaitList.append(nodes[leaving], to: list.pointer)
    #expect(list.ids == others + [UInt32(leaving)])
  }

  @Test func `random comings and goings agree with an array`() {
    let nodes = Nodes(12)
    let list = List()
    var model: [UInt32] = []
    var random = RandomSource(seed: 3)
    for _ in 0..<5000 {
      let node = nodes[random.next(below: nodes.count)]
      if let index = model.firstIndex(of: node.pointee.id) {
        WaitList.remove(node)
        model.remove(at: index)
      } else {
        WaitList.append(node, to: list.pointer)
        model.append(node.pointee.id)
      }
      #expect(list.ids == model)
      #expect(list.pointer.pointee.front?.pointee.id == model.first)
    }
  }

  @Test func `waking a waiter takes it out of its list and out of the parking lot`() {
    let nodes = Nodes(3)
    let list = List()
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
    for (node, deadline) in zip(nodes.all, [5, Clock.never, 7]) {
      WaitList.append(node, to: list.pointer)
      scheduler.park(node, until: deadline)
    }
    scheduler.wake(nodes[0], .event)
    scheduler.wake(nodes[1], .cancelled)
    #expect(list.ids == [2])
    expect(scheduler.lot.timerCount, is: 1)
    expect(scheduler.lot.otherCount, is: 0)
    expect(scheduler.next(), is: nodes[0])
    #expect(nodes[0].pointee.reason == .event)
    expect(scheduler.next(), is: nodes[1])
    #expect(nodes[1].pointee.reason == .cancelled)
    // The third one's time comes: that takes it out of the list too.
    expect(scheduler.next(), is: nodes[2])
    #expect(nodes[2].pointee.reason == .deadline)
    #expect(list.ids == [])
    expect(scheduler.next(), is: nil)
  }

  @Test func `a forgotten waiter is out of everything and never runs`() {
    let nodes = Nodes(1)
    let list = List()
    var scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
    WaitList.append(nodes[0], to: list.pointer)
    scheduler.park(nodes[0], until: 5)
    scheduler.forget(nodes[0])
    #expect(list.ids == [])
    expect(scheduler.next(), is: nil)
  }
}
