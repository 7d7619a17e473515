import CTiny
import Scheduler

/// How many bytes of the heap have ever been in use at once: on boards; 0 on Linux, whose heap is the C library's.
public func heapBytes() -> Int { Int(tiny_heap_used()) }

/// How many allocations there have been so far.
public func heapAllocations() -> Int { Int(tiny_heap_allocations()) }

/// Says that from now on the heap hands out only what was given back: on boards. A request that cannot be met that way
/// ends the program with a message.
///
/// Call it when the program has started everything, and a leak shows on the desk and not after a month.
public func sealHeap(_ sealed: Bool = true) { tiny_heap_seal(sealed) }

/// Lets the loop's lists grow in advance, so that many tasks can wait at once without an allocation.
public func reserveTasks(_ count: Int) {
  Loop.make()
  Loop.shared.reserve(count)
}

/// Ends the program at once with a status.
public func exitProgram(_ status: Int32) -> Never { tiny_board_exit(status) }

extension Loop {
  /// The scheduler's lists grow when they must, and never shrink: so many stand-ins wait in them for a moment.
  fileprivate func reserve(_ count: Int) {
    let nodes = NodePointer.allocate(capacity: count)
    var deadline = Clock.never
    for _ in 0..<2 {
      for index in 0..<count {
        (nodes + index).initialize(to: Node(id: 0, phase: 0, flags: 0))
        state.pointee.scheduler.park(nodes + index, until: deadline)
      }
      for index in 0..<count { state.pointee.scheduler.forget(nodes + index) }
      deadline -= 1
    }
    nodes.deallocate()
  }
}
