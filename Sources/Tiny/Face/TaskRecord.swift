// What the loop knows of a coroutine.
//
// A record lies at the head of the object that a `LoopTask` refers to. The runtime below sees only `frames`, where the
// coroutine is suspended and where its frames are; the scheduler sees only `node`.
//
// The life of a task
// ------------------
//
//      createTask
//          │ 1
//          ▼          2                       5
//        ready ──────────────▶ (running) ────────────▶ finished
//          ▲                     │
//          │ 4                 3 │
//          └──── parked ◀────────┘
//
//   1  The object is made, with room for its frames behind it, or in a pool.
//   2  `Scheduler.next` has chosen it: it is resumed, and runs until it suspends. (Nothing is written into the record.)
//   3  One of our primitives has filed it (sleeping, waiting, joining, …), and `park` goes on with the next task.
//   4  Deadline, event or cancellation: `Scheduler.wake`.
//   5  Its body has returned or thrown: those who await it are woken, and its place in a pool is free again.
//
// Cost on a 32-bit machine: 92 bytes, and with the object's header and a number as its result 104; on a 64-bit machine 128 and
// 152. The frames' room is extra, and as large as the program says.
//
// Never: keep a pointer to a record beyond the end of its object; move a record.

import CTiny
import Scheduler

typealias RecordPointer = UnsafeMutablePointer<TaskRecord>
typealias FramesPointer = UnsafeMutablePointer<tiny_frames>

/// The loop's side of a coroutine. Nothing in it is counted or destroyed by itself.
struct TaskRecord {
  var frames: tiny_frames
  /// Those who await this task's end.
  var joiners: WaitList
  /// The next one in a list of records that is being worked through.
  var link: RecordPointer?
  var node: Node
  let label: TaskLabel?
  /// Where the frames are, if not behind the object; it lives as long as they do.
  var pool: Unmanaged<TaskPool>?
  /// The error that the task ended with, if it did.
  var error: Unmanaged<TaskError>?

  init(id: UInt32, label: TaskLabel?, frames: tiny_frames, pool: Unmanaged<TaskPool>?) {
    // In the order in which they lie in memory: processors write two words of a line at once.
    self.frames = frames
    joiners = WaitList()
    link = nil
    node = Node(id: id, phase: TaskPhase.ready.rawValue, flags: pool == nil ? 0 : TaskFlags.pooled.rawValue)
    self.label = label
    self.pool = pool
    error = nil
  }

  var phase: TaskPhase {
    @inline(__always) get { unsafeBitCast(node.phase, to: TaskPhase.self) }
    @inline(__always) set { node.phase = newValue.rawValue }
  }

  var flags: TaskFlags {
    @inline(__always) get { TaskFlags(rawValue: node.flags) }
    @inline(__always) set { node.flags = newValue.rawValue }
  }
}

/// A task's name: the address of a literal, which never moves and ends with a zero.
typealias TaskLabel = UnsafePointer<UInt8>

/// Where a task is in its life. `ready` is 0, as `Scheduler.wake` sets it.
enum TaskPhase: UInt8 {
  /// Waiting for its step, or the one that is running: `Loop.running` says which one that is.
  case ready = 0
  /// Standing still while a run inside of it lasts.
  case running
  /// Parked: until a time.
  case sleeping
  /// Parked: for an event or the like.
  case waiting
  /// Parked: for another task; a cancellation is passed on to that one, and remembered as long as the wait lasts.
  case joining
  /// Parked: for several tasks, or with a time limit; a cancellation is passed on to all, and remembered.
  case gathering
  case finished
}

struct TaskFlags: OptionSet {
  let rawValue: UInt8

  /// A cancellation is to be thrown at the next opportunity.
  static let cancelPending = TaskFlags(rawValue: 1)
  /// A cancellation that came while the task waited for others was passed on to them.
  static let cancelPassedOn = TaskFlags(rawValue: 2)
  /// The record is in a list that is being worked through.
  static let listed = TaskFlags(rawValue: 4)
  /// The frames are in a pool; so that this and others can be asked for at once.
  static let pooled = TaskFlags(rawValue: 8)
  /// Not a task at all, but a gather's place in the list of those who await a task.
  static let proxy = TaskFlags(rawValue: 16)
  #if !UASYNCIO_BOARD
    /// A run waits for the task's end.
    static let endsRun = TaskFlags(rawValue: 32)
  #endif
  /// Somebody has seen the task's error, or will.
  static let retrieved = TaskFlags(rawValue: 64)
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  // Embedded Swift has no key paths to ask for offsets with; the fields before these are whole words.
  private static var joinersOffset: Int {
    @inline(__always) get { MemoryLayout<tiny_frames>.size }
  }

  private static var nodeOffset: Int {
    @inline(__always) get { joinersOffset + MemoryLayout<WaitList>.size + MemoryLayout<RecordPointer?>.size }
  }

  /// The first field, and the runtime's.
  var frames: FramesPointer {
    @inline(__always) get { UnsafeMutableRawPointer(self).assumingMemoryBound(to: tiny_frames.self) }
  }

  @inline(__always)
  init(frames: FramesPointer) {
    self = UnsafeMutableRawPointer(frames).assumingMemoryBound(to: TaskRecord.self)
  }

  var joiners: UnsafeMutablePointer<WaitList> {
    @inline(__always) get {
      (UnsafeMutableRawPointer(self) + Self.joinersOffset).assumingMemoryBound(to: WaitList.self)
    }
  }

  var node: NodePointer {
    @inline(__always) get { (UnsafeMutableRawPointer(self) + Self.nodeOffset).assumingMemoryBound(to: Node.self) }
  }

  @inline(__always)
  init(node: NodePointer) {
    self = (UnsafeMutableRawPointer(node) - Self.nodeOffset).assumingMemoryBound(to: TaskRecord.self)
  }

  /// The record in whose list of joiners a node waits.
  init(joiners: UnsafeMutablePointer<WaitList>) {
    self = (UnsafeMutableRawPointer(joiners) - Self.joinersOffset).assumingMemoryBound(to: TaskRecord.self)
  }

  /// The task whose end this one awaits.
  var awaited: RecordPointer { RecordPointer(joiners: pointee.node.list.unsafelyUnwrapped) }

  /// Meets a cancellation itself that it has passed on to the task whose end it awaits.
  func takeBackCancellation() {
    if pointee.flags.contains(.cancelPassedOn) { pointee.flags.insert(.cancelPending) }
  }

  /// Whether a task has ended with an error.
  var hasFailed: Bool { pointee.error != nil }

  /// Whether a task has ended by a cancellation.
  var wasCancelled: Bool { pointee.error?.toOpaque() == UnsafeMutableRawPointer(mutating: tiny_error_cancelled()) }

  /// Ends the program if the fields are not where this file says.
  static func verifyLayout() {
    var record = TaskRecord(id: 0, label: nil, frames: tiny_frames(), pool: nil)
    withUnsafeMutablePointer(to: &record) { whole in
      withUnsafeMutablePointer(to: &whole.pointee.node) { precondition($0 == whole.node) }
      withUnsafeMutablePointer(to: &whole.pointee.joiners) { precondition($0 == whole.joiners) }
    }
  }
}
