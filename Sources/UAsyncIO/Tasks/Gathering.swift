// One party's interest in the ends of several tasks: a gather's, a group's, that of whoever waits for the first of some.
//
// A node can be in one wait list only. So each awaited task gets a proxy in its list of joiners: a node that is never run,
// and that tells the gathering instead. The gathering's own list holds the one task that waits; to the scheduler that is
// a wait like any other. A second node in each proxy keeps it in one of the gathering's two other lists: of those that have
// not ended, in the order in which they came, and of those that have, in the order in which they did.
//
// Cost: one allocation for the gathering; proxies are used again. All of it is the loop's thread's.

import Scheduler

/// One party's interest in the ends of several tasks.
struct Gathering {
  /// What ends the wait.
  enum End {
    case all
    /// One has thrown, or was cancelled.
    case firstFailure
    /// One has thrown something else than a cancellation.
    case firstError
    case first
  }

  /// Holds the task that waits. First, so that its address is the gathering's.
  var list = WaitList()
  fileprivate var members = WaitList()
  fileprivate var ended = WaitList()
  /// How many of the awaited tasks have not finished.
  private(set) var remaining = 0
  /// What ends the wait.
  var end: End
  /// The first task that failed.
  private(set) var failure: TaskObject?
  /// Whether the one who waits has been cancelled, and all the tasks with it.
  var isCancelled = false
  /// Told of each task that ends, on the loop's thread, while it ends.
  var onEnd: ((TaskObject) -> Void)?

  struct Proxy {
    /// Waits among the task's joiners.
    var node = Node(id: 0, phase: 0, flags: TaskFlags.notATask.rawValue)
    /// Waits among the gathering's members, or those that have ended.
    var membership = Node(id: 0, phase: 0, flags: TaskFlags.notATask.rawValue)
    var gathering: UnsafeMutablePointer<Gathering>
    var task: TaskObject
  }

  /// A gathering of nobody.
  static func begin(until end: End) -> UnsafeMutablePointer<Gathering> {
    let gathering = UnsafeMutablePointer<Gathering>.allocate(capacity: 1)
    gathering.initialize(to: Gathering(end: end))
    return gathering
  }

  private init(end: End) { self.end = end }

  /// The gathering in whose list a task waits.
  static func from(_ list: UnsafeMutablePointer<WaitList>) -> UnsafeMutablePointer<Gathering> {
    UnsafeMutableRawPointer(list).assumingMemoryBound(to: Gathering.self)
  }

  /// A task that is being gathered has finished. Wakes whoever waits, if that was what it waited for.
  static func taskFinished(proxy node: NodePointer, in loop: LoopCore) {
    WaitList.remove(node)
    let proxy = UnsafeMutablePointer<Proxy>(node: node)
    let gathering = proxy.pointee.gathering
    let task = proxy.pointee.task
    WaitList.remove(proxy.membership)
    WaitList.append(proxy.membership, to: gathering.ended)
    gathering.pointee.remaining -= 1
    gathering.pointee.noteFailure(of: task)
    gathering.pointee.onEnd?(task)
    guard gathering.pointee.isOver else { return }
    // Several wait only where copies of one iterator do.
    while let waiter = gathering.pointee.list.front { loop.state.pointee.scheduler.wake(waiter, .event) }
  }

  /// Whether there is nothing left to wait for.
  var isOver: Bool {
    if remaining == 0 { return true }
    return switch end {
    case .all: false
    case .firstFailure, .firstError: failure != nil
    case .first: !ended.isEmpty
    }
  }

  private mutating func noteFailure(of task: TaskObject) {
    guard failure == nil, let error = task.error, end != .firstError || !(error is CancellationError) else { return }
    failure = task
  }

  fileprivate mutating func addMember() { remaining += 1 }
}

extension UnsafeMutablePointer where Pointee == Gathering {
  /// Begins to wait for one more task, unless it has finished already.
  func add(_ task: TaskObject) {
    guard task.record.phase != .finished else { return }
    let proxy = LoopCore.shared.state.pointee.spareProxies.popLast() ?? .allocate(capacity: 1)
    proxy.initialize(to: Gathering.Proxy(gathering: self, task: task))
    WaitList.append(proxy.node, to: task.pointer.joiners)
    WaitList.append(proxy.membership, to: members)
    pointee.addMember()
  }

  /// Leaves the lists that are still waited in, and frees everything.
  func end() {
    while let node = pointee.members.front ?? pointee.ended.front { discard(node) }
    deinitialize(count: 1)
    deallocate()
  }

  /// The task that ended first, of those that nobody has asked for yet.
  func takeEnded() -> TaskObject? {
    guard let node = pointee.ended.front else { return nil }
    let task = UnsafeMutablePointer<Gathering.Proxy>(membership: node).pointee.task
    discard(node)
    return task
  }

  /// Whether the one who waits has been cancelled, and all the tasks with it. (It hears of it itself when it goes on.)
  var isCancelled: Bool {
    if pointee.isCancelled { return true }
    return pointee.list.front.map { TaskFlags(rawValue: $0.pointee.flags).contains(.cancelPassedOn) } ?? false
  }

  /// The tasks that are still awaited, in the order in which they came.
  var unfinished: [RecordPointer] {
    var records: [RecordPointer] = []
    pointee.members.forEach { node in
      records.append(UnsafeMutablePointer<Gathering.Proxy>(membership: node).pointee.task.pointer)
    }
    return records
  }

  private func discard(_ membership: NodePointer) {
    let proxy = UnsafeMutablePointer<Gathering.Proxy>(membership: membership)
    WaitList.remove(membership)
    WaitList.remove(proxy.node)
    proxy.deinitialize(count: 1)
    let loop = LoopCore.shared
    if loop.state.pointee.spareProxies.count < 1024 {
      loop.state.pointee.spareProxies.append(proxy)
    } else {
      proxy.deallocate()
    }
  }

  /// Holds the task that waits: the gathering's first field.
  var list: UnsafeMutablePointer<WaitList> { list(at: 0) }

  private var members: UnsafeMutablePointer<WaitList> {
    list(at: MemoryLayout<Gathering>.offset(of: \.members).unsafelyUnwrapped)
  }

  fileprivate var ended: UnsafeMutablePointer<WaitList> {
    list(at: MemoryLayout<Gathering>.offset(of: \.ended).unsafelyUnwrapped)
  }

  private func list(at offset: Int) -> UnsafeMutablePointer<WaitList> {
    (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: WaitList.self)
  }
}

extension UnsafeMutablePointer where Pointee == Gathering.Proxy {
  private static var membershipOffset: Int { MemoryLayout<Gathering.Proxy>.offset(of: \.membership).unsafelyUnwrapped }

  fileprivate var node: NodePointer {
    // The proxy's first field.
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Node.self)
  }

  fileprivate var membership: NodePointer {
    (UnsafeMutableRawPointer(self) + Self.membershipOffset).assumingMemoryBound(to: Node.self)
  }

  fileprivate init(node: NodePointer) {
    self = UnsafeMutableRawPointer(node).assumingMemoryBound(to: Gathering.Proxy.self)
  }

  fileprivate init(membership: NodePointer) {
    self = (UnsafeMutableRawPointer(membership) - Self.membershipOffset).assumingMemoryBound(to: Gathering.Proxy.self)
  }
}
