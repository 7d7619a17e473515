// A gather waits for many tasks, but a node can be in one wait list only. So each awaited task gets a proxy in its list
// of joiners: a node that is never run, and that tells the gathering instead. The gathering's own list holds the one
// task that gathers; to the scheduler that is a wait like any other.
//
// The gathering and its proxies lie among the frames of the task that gathers, so they cost no allocation, and they
// count in what that task needs: 36 bytes for each task gathered, on a 32-bit machine. They are given back in the
// function that took them: that is what the runtime's "last in, first out" asks for.

import CTiny
import Scheduler

typealias GatheringPointer = UnsafeMutablePointer<Gathering>

/// One task's wait for many.
struct Gathering {
  /// Holds the task that gathers. First, so that its address is the gathering's.
  var list = WaitList()
  /// How many of the awaited tasks have not finished.
  private var remaining = 0
  /// Whether the first failure ends the wait.
  private var failsFast: Bool
  /// The first task that failed, and how.
  private(set) var failure: TaskError?
  fileprivate var count = 0

  private init(failsFast: Bool) { self.failsFast = failsFast }

  fileprivate struct Proxy {
    /// First, so that its address is the proxy's.
    var node: Node
    let gathering: GatheringPointer
  }

  /// Begins to wait for at most so many tasks.
  @inline(never)
  static func begin(capacity: Int, failsFast: Bool) -> GatheringPointer {
    let size = proxiesOffset + capacity * MemoryLayout<Proxy>.stride
    let memory = tiny_frame_alloc(size).unsafelyUnwrapped
    return memory.initializeMemory(as: Gathering.self, to: Gathering(failsFast: failsFast))
  }

  fileprivate static var proxiesOffset: Int {
    let alignment = MemoryLayout<Proxy>.alignment
    return (MemoryLayout<Gathering>.size + alignment - 1) / alignment * alignment
  }

  /// Adds a task to those awaited.
  @inline(never)
  static func add(_ object: TaskObject, to gathering: GatheringPointer) {
    if object.record.phase == .finished {
      if gathering.pointee.failure == nil { gathering.pointee.failure = object.error }
      return
    }
    let proxy = gathering.proxies + gathering.pointee.count
    proxy.initialize(to: Proxy(node: Node(id: 0, phase: 0, flags: TaskFlags.proxy.rawValue), gathering: gathering))
    WaitList.append(gathering.node(of: gathering.pointee.count), to: object.pointer.joiners)
    gathering.pointee.count += 1
    gathering.pointee.remaining += 1
  }

  /// Leaves the lists that are still waited in, and gives the memory back.
  @inline(never)
  static func end(_ gathering: GatheringPointer) {
    for index in 0..<gathering.pointee.count { WaitList.remove(gathering.node(of: index)) }
    gathering.deinitialize(count: 1)
    tiny_frame_free(gathering)
  }

  /// The gathering in whose list a task waits.
  static func from(_ list: UnsafeMutablePointer<WaitList>) -> GatheringPointer {
    UnsafeMutableRawPointer(list).assumingMemoryBound(to: Gathering.self)
  }

  /// A task that is being gathered has finished. Wakes the one who gathers, if that was what it waited for.
  static func taskFinished(_ record: RecordPointer, proxy node: NodePointer) {
    WaitList.remove(node)
    let gathering = UnsafeMutableRawPointer(node).assumingMemoryBound(to: Proxy.self).pointee.gathering
    gathering.pointee.remaining -= 1
    if gathering.pointee.failure == nil {
      gathering.pointee.failure = TaskObject.from(record)._withUnsafeGuaranteedRef { $0.error }
    }
    guard gathering.pointee.isOver, let waiter = gathering.pointee.list.front else { return }
    Loop.shared.wake(waiter, .event)
  }

  /// No longer lets a failure end the wait.
  mutating func waitsForAll() { failsFast = false }

  /// The failure that ends the wait.
  var failureToThrow: TaskError? { failsFast ? failure : nil }

  /// Whether there is nothing left to wait for.
  var isOver: Bool { remaining == 0 || (failsFast && failure != nil) }
}

extension GatheringPointer {
  fileprivate var proxies: UnsafeMutablePointer<Gathering.Proxy> {
    (UnsafeMutableRawPointer(self) + Gathering.proxiesOffset).assumingMemoryBound(to: Gathering.Proxy.self)
  }

  fileprivate func node(of index: Int) -> NodePointer {
    UnsafeMutableRawPointer(proxies + index).assumingMemoryBound(to: Node.self)
  }

  /// Adds the tasks that are still awaited to a list, the last one first.
  func appendUnfinished(to list: inout RecordList) {
    var index = pointee.count
    while index > 0 {
      index -= 1
      if let joiners = node(of: index).pointee.list { list.append(RecordPointer(joiners: joiners)) }
    }
  }
}
