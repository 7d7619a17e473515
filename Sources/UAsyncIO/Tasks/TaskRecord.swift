// What the loop knows of a coroutine.
//
// A record is 56 bytes, and lives at the head of the object that a `LoopTask` refers to (see TaskObject.swift), or, for
// a guest, by itself. The scheduler sees only the node in it.
//
// The life of a task
// ------------------
//
//      createTask
//          │ 1
//          ▼          2                       7
//        ready ───────────────▶ running ─────────────▶ finished
//          ▲                     │   │
//          │ 4                 3 │   │ 5
//          ├──── parked ◀────────┘   ▼
//          └─────────────────── elsewhere
//                      6
//
//   1  The record is made. In its first step a worker begins with it (see TaskWorkers.swift); or its Swift task is made at
//      once, and the job that the runtime enqueues meanwhile is noted in the record.
//   2  `Scheduler.next` has chosen it: `LoopCore.step` runs the job until it suspends.
//   3  One of our primitives has filed it (sleeping, waiting, joining, …), and it is suspended: `park`.
//   4  Deadline, event or cancellation: `Scheduler.wake`.
//   5  It has suspended in something that is not ours: another actor, a native task, a continuation.
//   6  The runtime enqueues its job on the loop again: `LoopCore.arrive`.
//   7  Its body has returned or thrown: `LoopCore.finish` wakes those who await it.

import Scheduler

typealias AnyType = any Any.Type
typealias RecordPointer = UnsafeMutablePointer<TaskRecord>

/// The loop's side of a coroutine.
struct TaskRecord {
  /// The Swift task's job; the same pointer from the first step on. Before that, in most tasks, the function of their body,
  /// with the lowest bit set.
  private var jobBits: UInt = 0
  /// Those who await this task's end.
  var joiners = WaitList()
  var node: Node

  init(id: UInt32, flags: TaskFlags) {
    node = Node(id: id, phase: TaskPhase.ready.rawValue, flags: flags.rawValue)
  }

  var job: UnownedJob {
    @inline(__always) get { unsafeBitCast(jobBits, to: UnownedJob.self) }
    @inline(__always) set { jobBits = unsafeBitCast(newValue, to: UInt.self) }
  }

  @inline(__always)
  func isJob(_ job: UnownedJob) -> Bool { unsafeBitCast(job, to: UInt.self) == jobBits }

  /// Whether this is the record of a Swift task: its job is the task object itself.
  @inline(__always)
  func isTask(_ task: UnsafeMutableRawPointer?) -> Bool { jobBits == UInt(bitPattern: task) }

  /// Whether the task waits for a worker to begin with it.
  var isUnborn: Bool {
    @inline(__always) get { jobBits & 1 != 0 }
  }

  /// The function of the body of a task that waits for a worker. Functions, and jobs, are at even addresses.
  var function: UInt {
    @inline(__always) get { jobBits & ~1 }
    @inline(__always) set { jobBits = newValue | 1 }
  }

  /// The type of the task's value, before it has started and after it has ended: it waits in no list then.
  var type: any Any.Type {
    @inline(__always) get { unsafeBitCast(node.list, to: AnyType.self) }
    @inline(__always) set { node.list = UnsafeMutablePointer(bitPattern: unsafeBitCast(newValue, to: UInt.self)) }
  }

  // The raw values count from 0, so the bits are the same; the compiler does not see that (18 instructions a step).
  var phase: TaskPhase {
    @inline(__always) get { unsafeBitCast(node.phase, to: TaskPhase.self) }
    @inline(__always) set { node.phase = unsafeBitCast(newValue, to: UInt8.self) }
  }

  var flags: TaskFlags {
    @inline(__always) get { TaskFlags(rawValue: node.flags) }
    @inline(__always) set { node.flags = newValue.rawValue }
  }

  static var nodeOffset: Int {
    @inline(__always) get { MemoryLayout<TaskRecord>.offset(of: \.node).unsafelyUnwrapped }
  }
}

/// Where a task is in its life. `ready` is 0, as `Scheduler.wake` sets it.
@usableFromInline
enum TaskPhase: UInt8, CaseIterable, Sendable {
  case ready = 0
  case running
  /// Parked: until a time.
  case sleeping
  /// Parked: for another task; a cancellation is passed on to that one.
  case joining
  /// Parked: for another task with a time limit; a cancellation is passed on, and remembered.
  case joiningWithLimit
  /// Parked: for another task; a cancellation ends the wait and leaves that one alone.
  case shielding
  /// Parked: for several tasks; a cancellation is passed on to all, and remembered.
  case gathering
  /// Parked: for a descriptor.
  case watching
  /// Suspended in something that is not ours.
  case elsewhere
  case finished

  // Parked in the waiters of one of these; a cancellation ends the wait, and touches nobody else.
  case event
  case lock
  case permit
  case condition
  case barrier
  case item
  case room
  case itemsDone
  case flag
  case tasks
  case thread
  case signal

  /// Whether a task in this phase waits for one other task's end: `RecordPointer.awaited`.
  var awaitsATask: Bool { self == .joining || self == .joiningWithLimit || self == .shielding }
}

struct TaskFlags: OptionSet {
  let rawValue: UInt8

  /// A cancellation is to be thrown at the next opportunity.
  static let cancelPending = TaskFlags(rawValue: 1)
  /// A cancellation that came while the task waited for others was passed on to them.
  static let cancelPassedOn = TaskFlags(rawValue: 2)
  /// The loop is being reset: every await throws.
  static let doomed = TaskFlags(rawValue: 4)
  /// A task that we did not create.
  static let guest = TaskFlags(rawValue: 8)
  /// Not a task at all: a place in the list of those who await a task (see Gathering.swift), or a function that is called
  /// in its turn (see Callback.swift).
  static let notATask = TaskFlags(rawValue: 16)
  /// The Swift task has a preference for the loop.
  static let prefersLoop = TaskFlags(rawValue: 32)
  /// Somebody has seen the task's error, or will.
  static let retrieved = TaskFlags(rawValue: 64)
  /// The task has a name of its own.
  static let named = TaskFlags(rawValue: 128)
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  var node: NodePointer {
    @inline(__always) get {
      (UnsafeMutableRawPointer(self) + TaskRecord.nodeOffset).assumingMemoryBound(to: Node.self)
    }
  }

  @inline(__always)
  init(node: NodePointer) {
    self = (UnsafeMutableRawPointer(node) - TaskRecord.nodeOffset).assumingMemoryBound(to: TaskRecord.self)
  }

  /// The record in whose list of joiners a node waits.
  init(joiners: UnsafeMutablePointer<WaitList>) {
    let offset = MemoryLayout<TaskRecord>.offset(of: \.joiners).unsafelyUnwrapped
    self = (UnsafeMutableRawPointer(joiners) - offset).assumingMemoryBound(to: TaskRecord.self)
  }

  var joiners: UnsafeMutablePointer<WaitList> {
    @inline(__always) get {
      let offset = MemoryLayout<TaskRecord>.offset(of: \.joiners).unsafelyUnwrapped
      return (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: WaitList.self)
    }
  }
}
