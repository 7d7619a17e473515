// One party's interest in the ends of several tasks: a gather's, a group's, that of whoever waits for the first of some.
//
// A node can be in one wait list only. So each awaited task gets a proxy in its list of joiners: a node that is never run,
// and that tells the gathering instead. The gathering's own list holds the one task that waits; to the scheduler that is
// a wait like any other. A second node in each proxy keeps it in one of the gathering's two other lists: of those that have
// not ended, in the order in which they came, and of those that have, in the order in which they did.
//
// Where all tasks are known from the beginning, and held by whoever waits, a proxy is less: its first part only, a *seat*. The
// seats lie behind the gathering, in the order of the tasks, so there are no lists of those that have ended or not.
//
// Cost: one allocation for the gathering with its seats; proxies are used again. All of it is the loop's thread's.

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
  /// How many seats there are; none where tasks are added one by one.
  fileprivate let seatCount: Int

  struct Seat {
    /// Waits among the task's joiners.
    var node = Node(id: 0, phase: 0, flags: TaskFlags.notATask.rawValue)
    let gathering: UnsafeMutablePointer<Gathering>
    let record: RecordPointer
  }

  struct Proxy {
    var seat: Seat
    /// Waits among the gathering's members, or those that have ended.
    var membership = Node(id: 0, phase: 0, flags: TaskFlags.notATask.rawValue)
    let task: TaskObject
  }

  /// A gathering of nobody.
  static func begin(until end: End) -> UnsafeMutablePointer<Gathering> {
    let gathering = UnsafeMutablePointer<Gathering>.allocate(capacity: 1)
    gathering.initialize(to: Gathering(end: end, seatCount: 0))
    return gathering
  }

  /// A gathering of tasks that the caller holds until it ends. At least one of them has not finished.
  static func begin(with tasks: [RecordPointer], until end: End) -> UnsafeMutablePointer<Gathering> {
    let room = MemoryLayout<Gathering>.stride + tasks.count * MemoryLayout<Seat>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: MemoryLayout<Gathering>.alignment)
    let gathering = memory.initializeMemory(as: Gathering.self, to: Gathering(end: end, seatCount: tasks.count))
    var seat = gathering.seats
    for record in tasks {
      seat.initialize(to: Seat(gathering: gathering, record: record))
      if record.pointee.phase != .finished {
        WaitList.append(seat.node, to: record.joiners)
        gathering.pointee.remaining += 1
      }
      seat += 1
    }
    return gathering
  }

  private init(end: End, seatCount: Int) {
    self.end = end
    self.seatCount = seatCount
  }

  /// The gathering in whose list a task waits.
  static func from(_ list: UnsafeMutablePointer<WaitList>) -> UnsafeMutablePointer<Gathering> {
    UnsafeMutableRawPointer(list).assumingMemoryBound(to: Gathering.self)
  }

  /// A task that is being gathered has finished. Wakes whoever waits, if that was what it waited for.
  static func taskFinished(proxy node: NodePointer, in loop: LoopCore) {
    WaitList.remove(node)
    let seat = UnsafeMutablePointer<Seat>(node: node)
    let gathering = seat.pointee.gathering
    gathering.pointee.remaining -= 1
    if gathering.pointee.seatCount == 0 {
      noteEnd(of: UnsafeMutableRawPointer(seat).assumingMemoryBound(to: Proxy.self))
    } else if TaskObject.from(seat.pointee.record)._withUnsafeGuaranteedRef({ $0.hasFailed }) {
      gathering.pointee.noteFailure(of: TaskObject.from(seat.pointee.record).takeUnretainedValue())
    }
    guard gathering.pointee.isOver else { return }
    // Several wait only where copies of one iterator do.
    while let waiter = gathering.pointee.list.front { loop.state.pointee.scheduler.wake(waiter, .event) }
  }

  private static func noteEnd(of proxy: UnsafeMutablePointer<Proxy>) {
    let gathering = proxy.pointee.seat.gathering
    let task = proxy.pointee.task
    WaitList.remove(proxy.membership)
    WaitList.append(proxy.membership, to: gathering.ended)
    gathering.pointee.noteFailure(of: task)
    gathering.pointee.onEnd?(task)
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
    proxy.initialize(to: Gathering.Proxy(seat: Gathering.Seat(gathering: self, record: task.pointer), task: task))
    WaitList.append(proxy.seat.node, to: task.pointer.joiners)
    WaitList.append(proxy.membership, to: members)
    pointee.addMember()
  }

  /// Leaves the lists that are still waited in, and frees everything.
  func end() {
    var seat = seats
    for _ in 0..<pointee.seatCount {
      WaitList.remove(seat.node)
      seat += 1
    }
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
    var seat = seats
    for _ in 0..<pointee.seatCount {
      if seat.pointee.node.list != nil { records.append(seat.pointee.record) }
      seat += 1
    }
    pointee.members.forEach { node in
      records.append(UnsafeMutablePointer<Gathering.Proxy>(membership: node).pointee.task.pointer)
    }
    return records
  }

  private func discard(_ membership: NodePointer) {
    let proxy = UnsafeMutablePointer<Gathering.Proxy>(membership: membership)
    WaitList.remove(membership)
    WaitList.remove(proxy.seat.node)
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

  fileprivate var seats: UnsafeMutablePointer<Gathering.Seat> {
    (UnsafeMutableRawPointer(self) + MemoryLayout<Gathering>.stride).assumingMemoryBound(to: Gathering.Seat.self)
  }

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

extension UnsafeMutablePointer where Pointee == Gathering.Seat {
  fileprivate var node: NodePointer {
    // The seat's first field.
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Node.self)
  }

  fileprivate init(node: NodePointer) {
    self = UnsafeMutableRawPointer(node).assumingMemoryBound(to: Gathering.Seat.self)
  }
}

extension UnsafeMutablePointer where Pointee == Gathering.Proxy {
  private static var membershipOffset: Int { MemoryLayout<Gathering.Proxy>.offset(of: \.membership).unsafelyUnwrapped }

  fileprivate var seat: UnsafeMutablePointer<Gathering.Seat> {
    // The proxy's first field.
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Gathering.Seat.self)
  }

  fileprivate var membership: NodePointer {
    (UnsafeMutableRawPointer(self) + Self.membershipOffset).assumingMemoryBound(to: Node.self)
  }

  fileprivate init(membership: NodePointer) {
    self = (UnsafeMutableRawPointer(membership) - Self.membershipOffset).assumingMemoryBound(to: Gathering.Proxy.self)
  }
}
