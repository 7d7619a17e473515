// A gather waits for many tasks, but a node can be in one wait list only. So each awaited task gets a proxy in its list
// of joiners: a node that is never run, and that tells the gathering instead. The gathering's own list holds the one
// task that gathers; to the scheduler that is a wait like any other.
//
// One allocation for all: the gathering, with the proxies behind it. It lives as long as the wait.

import Scheduler

/// One task's wait for many.
struct Gathering {
  /// Holds the task that gathers. First, so that its address is the gathering's.
  var list = WaitList()
  /// How many of the awaited tasks have not finished.
  var remaining = 0
  /// Whether the first failure ends the wait.
  private var failsFast: Bool
  /// The first task that failed.
  var failure: RecordPointer?
  let capacity: Int

  private init(failsFast: Bool, capacity: Int) {
    self.failsFast = failsFast
    self.capacity = capacity
  }

  fileprivate struct Proxy {
    var node: Node
    let gathering: UnsafeMutablePointer<Gathering>
  }

  /// Begins to wait for `tasks`, those that have not finished.
  static func begin(_ tasks: [TaskObject], failsFast: Bool) -> UnsafeMutablePointer<Gathering> {
    let size = proxiesOffset + tasks.count * MemoryLayout<Proxy>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<UInt>.alignment)
    let gathering = memory.initializeMemory(
      as: Gathering.self, to: Gathering(failsFast: failsFast, capacity: tasks.count))
    for (index, task) in tasks.enumerated() {
      let proxy = gathering.proxies + index
      proxy.initialize(
        to: Proxy(node: Node(id: 0, phase: 0, flags: TaskFlags.proxy.rawValue), gathering: gathering))
      guard task.record.phase != .finished else { continue }
      WaitList.append(gathering.node(of: index), to: task.pointer.joiners)
      gathering.pointee.remaining += 1
    }
    return gathering
  }

  private static var proxiesOffset: Int {
    let alignment = MemoryLayout<Proxy>.alignment
    return (MemoryLayout<Gathering>.size + alignment - 1) / alignment * alignment
  }

  /// Leaves the lists that are still waited in, and frees the memory.
  static func end(_ gathering: UnsafeMutablePointer<Gathering>) {
    for index in 0..<gathering.pointee.capacity { WaitList.remove(gathering.node(of: index)) }
    UnsafeMutableRawPointer(gathering).deallocate()
  }

  /// The gathering in whose list a task waits.
  static func from(_ list: UnsafeMutablePointer<WaitList>) -> UnsafeMutablePointer<Gathering> {
    UnsafeMutableRawPointer(list).assumingMemoryBound(to: Gathering.self)
  }

  /// A task that is being gathered has finished. Wakes the one who gathers, if that was what it waited for.
  static func taskFinished(_ record: RecordPointer, proxy node: NodePointer, in scheduler: inout Scheduler) {
    WaitList.remove(node)
    let gathering = UnsafeMutableRawPointer(node).assumingMemoryBound(to: Proxy.self).pointee.gathering
    gathering.pointee.remaining -= 1
    if gathering.pointee.failure == nil, TaskObject.from(record)._withUnsafeGuaranteedRef({ $0.error != nil }) {
      gathering.pointee.failure = record
    }
    guard gathering.pointee.isOver, let waiter = gathering.pointee.list.front else { return }
    scheduler.wake(waiter, .event)
  }

  /// No longer lets a failure end the wait.
  mutating func waitsForAll() { failsFast = false }

  /// Whether there is nothing left to wait for.
  var isOver: Bool { remaining == 0 || (failsFast && failure != nil) }

  fileprivate static func proxies(_ gathering: UnsafeMutablePointer<Gathering>) -> UnsafeMutablePointer<Proxy> {
    (UnsafeMutableRawPointer(gathering) + proxiesOffset).assumingMemoryBound(to: Proxy.self)
  }
}

extension UnsafeMutablePointer where Pointee == Gathering {
  fileprivate var proxies: UnsafeMutablePointer<Gathering.Proxy> { Gathering.proxies(self) }

  fileprivate func node(of index: Int) -> NodePointer {
    // The node is the proxy's first field.
    UnsafeMutableRawPointer(proxies + index).assumingMemoryBound(to: Node.self)
  }

  /// The tasks that are still awaited, the last one first.
  var unfinished: [RecordPointer] {
    (0..<pointee.capacity).reversed().compactMap { index in
      node(of: index).pointee.list.map { RecordPointer(joiners: $0) }
    }
  }
}
