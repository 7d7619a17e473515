import CPythonModule
import Scheduler

// The life of a task
// ------------------
//
//      create_task
//          │ 1
//          ▼          2                       6
//        ready ───────────────▶ running ─────────────▶ finished
//          ▲                     │   │
//          │ 4                 3 │   │ 5
//          ├──── parked ◀────────┘   ▼
//          └─────────────────────── idle
//                      4
//
//   1  `Task` makes it idle, `create_task` files it behind those that are ready.
//   2  `Scheduler.next` has chosen it: `step` sends into its coroutine until that yields.
//   3  One of our awaitables has filed it: sleeping, waiting, joining, …
//   4  Deadline, event or cancellation: `resume`.
//   5  It has yielded without having been filed. Somebody may push it into a queue.
//   6  Its coroutine has returned or raised: `finish` wakes those who await it.

/// Where a task is in its life: `Node.phase`. The scheduler sets 0 when it wakes a node.
enum Phase {
  static let ready: UInt8 = 0
  static let running: UInt8 = 1
  static let sleeping: UInt8 = 2
  /// In the wait list of an event, a lock, a flag or a queue.
  static let waiting: UInt8 = 3
  /// In the list of another task's joiners.
  static let joining: UInt8 = 5
  /// The same, at the end of `wait_for`: a cancellation does not end it, but is kept.
  static let draining: UInt8 = 6
  static let watching: UInt8 = 7
  static let gathering: UInt8 = 8
  static let idle: UInt8 = 9
  static let finished: UInt8 = 10
}

/// Bits of `Node.flags`.
enum Flag {
  /// The outcome is an exception.
  static let failed: UInt8 = 1
  /// Somebody awaits it, or has: MicroPython's state is no longer True or None.
  static let awaited: UInt8 = 2
  /// It watches for writing.
  static let writes: UInt8 = 4
  /// It was cancelled while that had to wait.
  static let cancelledLate: UInt8 = 16
  /// It is in the ready queue to have its exception reported.
  static let reporting: UInt8 = 32
  /// Its coroutine is being run, here or by a run further out.
  static let executing: UInt8 = 64
  /// A run is for it, and will raise its exception.
  static let target: UInt8 = 128
}

extension UnsafeMutablePointer where Pointee == TaskObject {
  @inline(__always)
  init(_ node: NodePointer) { self = task_of_node(node) }

  var node: NodePointer {
    @inline(__always) get { task_node(self).assumingMemoryBound(to: Node.self) }
  }

  var joiners: UnsafeMutablePointer<WaitList> {
    @inline(__always) get { task_joiners(self).assumingMemoryBound(to: WaitList.self) }
  }

  var phase: UInt8 {
    @inline(__always) get { node.pointee.phase }
    @inline(__always) nonmutating set { node.pointee.phase = newValue }
  }

  func has(_ flag: UInt8) -> Bool { node.pointee.flags & flag != 0 }
  func set(_ flag: UInt8) { node.pointee.flags |= flag }
  func clear(_ flag: UInt8) { node.pointee.flags &= ~flag }

  var isFinished: Bool { phase == Phase.finished }
  var hasFailed: Bool { has(Flag.failed) }

  /// The task whose end this one awaits.
  var awaited: TaskPointer? {
    guard phase == Phase.joining || phase == Phase.draining, let list = node.pointee.list else { return nil }
    return task_of_joiners(list)
  }

  var object: Object { UnsafeMutableRawPointer(self).assumingMemoryBound(to: PyObject.self) }

  init(object: UnsafeMutableRawPointer) { self = object.assumingMemoryBound(to: TaskObject.self) }
}

// MARK: - Making tasks

/// Whether an object can be made a task: it has `send`, or it is one of our awaitables.
private func isCoroutine(_ object: Object) -> Bool {
  isNative(object) || PyObject_HasAttr(object, shared.pointee.nameSend) != 0
}

/// What is to be sent into for `object`: a coroutine itself, an iterator for an object that has only `__await__`.
private func coroutine(for object: Object) -> Object? {
  if py_is_kind(object, shared.pointee.task) == 0 {
    if isCoroutine(object) {
      py_keep(object)
      return object
    }
    if PyObject_HasAttr(object, shared.pointee.nameAwait) != 0,
      py_is_kind(object, py_type_of_types()) == 0, let iterator = py_call_method0(object, shared.pointee.nameAwait)
    {
      return iterator
    }
  }
  if PyErr_Occurred() == nil { _ = py_error(py_type_error_class(), "coroutine expected") }
  return nil
}

/// Makes an idle task of the given type; raises TypeError for what is no coroutine.
@c(uasyncio_new_task)
public func newTask(_ object: Object, _ type: OpaquePointer) -> TaskPointer? {
  guard let coroutine = coroutine(for: object) else { return nil }
  guard let memory = py_alloc(type) else {
    py_drop(coroutine)
    return nil
  }
  let task = TaskPointer(object: memory)
  loop.pointee.lastID &+= 1
  task.node.initialize(to: Node(id: loop.pointee.lastID, phase: Phase.idle, flags: 0))
  task.pointee.coroutine = coroutine
  task.pointee.descriptor = -1
  return task
}

/// Makes a task and files it behind those that are ready.
@c(uasyncio_create_task)
public func createTask(_ object: Object) -> TaskPointer? {
  guard mayTouch(), let task = newTask(object, shared.pointee.task) else { return nil }
  fileReady(task)
  return task
}

/// The task that stands for an awaitable: itself, or one made of it. A new reference.
func promote(_ object: Object) -> TaskPointer? {
  if py_is_kind(object, shared.pointee.task) != 0 {
    py_keep(object)
    return TaskPointer(object: object)
  }
  return createTask(object)
}
