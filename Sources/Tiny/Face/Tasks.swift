import CTiny
import Scheduler

/// Makes a coroutine run beside the others, and returns a handle to it.
///
/// Nothing of it runs at once: its first step comes in its turn, after everything that is ready now. Before the first
/// ``run(clock:order:_:)`` it just begins to wait for one.
///
/// - Parameters:
///   - name: a name for reports, a literal. Without one it is `task-` and a number.
///   - size: bytes for its frames. They are part of the task's block on the heap, which is given back when the task has
///     finished and nobody holds its handle.
///   - pool: where it gets room for its frames instead. Without either, as ``useTaskPool(_:)`` or ``useTaskSize(_:)``
///     have said.
///   - body: the coroutine. An error that it throws and nobody retrieves is reported: see ``setExceptionHandler(_:)``.
/// - Returns: the task's handle. It may be dropped; the task runs all the same. Where there was no room, the task has
///   failed with ``TaskError/poolExhausted``.
///
/// Python: `create_task(coro)`.
@discardableResult
@inline(__always)
public func createTask<Success>(
  name: StaticString? = nil, size: Int? = nil, in pool: TaskPool? = nil, _ body: @escaping Coroutine<Success>
) -> LoopTask<Success> {
  makeTask(name?.utf8Start, size ?? Loop.usualSize, pool, body)
}

// Few arguments, and words: there are many calls in a program.
@inline(never)
private func makeTask<Success>(
  _ label: TaskLabel?, _ size: Int, _ pool: TaskPool?, _ body: consuming @escaping Coroutine<Success>
) -> LoopTask<Success> {
  Loop.keepRoom()
  let id = Loop.shared.nextNumber()
  let pool = pool ?? (size < 0 ? Loop.usualPool : nil)
  let bytes = pool != nil ? 0 : size < 0 ? Loop.shared.taskSize : size
  let object = TypedTaskObject<Success>.allocate(frameBytes: bytes)
  // The loop's own reference; `retire` releases it after the last step.
  tiny_hold_task(object.address)
  Loop.shared.launch(object, id, label, takeWords(of: body), object.place, object.tail, bytes, pool)
  return LoopTask(object: object)
}

extension Loop {
  /// In a size's place: as `useTaskPool` or `useTaskSize` has said.
  fileprivate static var usualSize: Int { -1 }

  /// Lets a new task run in its turn, if there is room for its frames: in its object, or in a pool.
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  fileprivate func launch(
    _ object: TaskObject, _ id: UInt32, _ label: TaskLabel?, _ body: tiny_body, _ result: UnsafeMutableRawPointer,
    _ tail: UnsafeMutableRawPointer, _ bytes: Int, _ pool: TaskPool?
  ) {
    var body = body
    let needed = tiny_needs(&body)
    let place: UnsafeMutableRawPointer
    if let pool {
      guard let found = pool.take(Int(needed)) else {
        return tiny_refuse(object.address, id, label, body.captured, needed, pool.taskSize)
      }
      place = found
    } else {
      guard needed <= bytes else { return tiny_refuse(object.address, id, label, body.captured, needed, bytes) }
      place = tail
    }
    let frames = tiny_frames_in(place, pool?.taskSize ?? bytes, needed)
    object.record = TaskRecord(id: id, label: label, frames: frames, pool: pool.map { .passRetained($0) })
    tiny_prepare(place, &body, result)
    state.pointee.scheduler.admit(object.pointer.node)
  }

  @inline(__always)
  fileprivate func nextNumber() -> UInt32 {
    let number = state.pointee.lastID &+ 1
    state.pointee.lastID = number
    return number
  }
}

/// Has a new task fail for which there is no room.
@c(tiny_face_refuses)
func refuse(
  _ object: UnsafeMutableRawPointer?, _ id: UInt32, _ label: TaskLabel?, _ captured: UnsafeMutableRawPointer?,
  _ needed: Int, _ size: Int
) {
  endBody(captured: captured)
  // Nothing is ever written to them, but people may ask what the task needs.
  let frames = tiny_frames_in(object, size, needed)
  let object = Unmanaged<TaskObject>.fromOpaque(object.unsafelyUnwrapped)
  object._withUnsafeGuaranteedRef {
    $0.record = TaskRecord(id: id, label: label, frames: frames, pool: nil)
    $0.record.error = .passRetained(.poolExhausted)
    $0.record.phase = .finished
    Loop.shared.finish($0.pointer)
    Loop.shared.retire($0.pointer)
  }
}

/// A coroutine that runs on the loop beside others, made with ``createTask(name:size:in:_:)``. Python: `Task`.
///
/// A handle: it can be copied and compared, and dropping it does not stop the task.
public struct LoopTask<Success>: Equatable {
  let object: TypedTaskObject<Success>

  /// Waits until the task has finished, and returns what its body returned.
  ///
  /// Several tasks may await the same one. The value of a task that has finished is there at once.
  ///
  /// - Throws: what the body threw; ``TaskError/cancelled`` if the task was cancelled; ``TaskError/awaitsItself``
  ///   where the caller would wait for its own end.
  ///
  /// Cancelling the caller cancels the task that it awaits; the caller goes on when that one has finished.
  /// Python: `await task`.
  #if !UASYNCIO_BOARD
    @inline(__always)
  #endif
  public nonisolated(nonsending) var value: Success {
    get async throws(TaskError) {
      try await join(object)
      return try object.get()
    }
  }

  /// Waits until the task has finished, and returns what its body returned, or the error that it threw.
  ///
  /// A cancellation that comes when the task has just finished does not touch the result, and is thrown by the caller's
  /// next await. Python: `gather(task, return_exceptions=True)`.
  public nonisolated(nonsending) var result: Result<Success, TaskError> {
    get async {
      do throws(TaskError) {
        try await join(object)
      } catch {
        if !isDone { return .failure(error) }
        Loop.shared.running?.pointee.flags.insert(.cancelPending)
      }
      return object.outcome
    }
  }

  /// Whether the task has finished: returned, thrown, or ended by a cancellation. Python: `Task.done()`.
  public var isDone: Bool { object.record.phase == .finished }

  /// Asks the task to end: the await in which it is suspended throws ``TaskError/cancelled``, once.
  ///
  /// A task that has not started never will. One that waits for another task passes the request on to that one. One
  /// that catches the error and goes on is not asked again. A task that cancels itself meets the error at its next
  /// await.
  ///
  /// - Returns: false if the task had finished already, and nothing has changed. Python: `Task.cancel()`.
  @discardableResult
  public func cancel() -> Bool { Loop.shared.cancel(object.pointer) }

  /// How many bytes of frames the task has needed so far, at most.
  public var frameBytes: Int { object.frameBytes }

  public static func == (one: Self, other: Self) -> Bool { one.object === other.object }
}

/// A task whose result does not matter: what ``currentTask()`` and ``forEachTask(_:)`` give.
public struct AnyLoopTask: Equatable {
  let object: TaskObject

  init(_ record: RecordPointer) { object = TaskObject.from(record).takeUnretainedValue() }

  /// The same task, without its type.
  public init<Success>(_ task: LoopTask<Success>) { object = task.object }

  /// Whether the task has finished. Python: `Task.done()`.
  public var isDone: Bool { object.record.phase == .finished }

  /// The number that the task was given when it was made; the first one is 1.
  public var number: Int { Int(truncatingIfNeeded: object.record.node.id) }

  /// The name that the task was given: bytes of UTF-8, followed by a zero.
  public var givenName: UnsafePointer<UInt8>? { object.record.label }

  /// What the task does or waits for, in a word.
  public var state: StaticString {
    Loop.shared.current == object.pointer ? TaskPhase.running.name : object.record.phase.name
  }

  /// Asks the task to end; see ``LoopTask/cancel()``.
  @discardableResult
  public func cancel() -> Bool { Loop.shared.cancel(object.pointer) }

  /// How many bytes of frames the task has needed so far, at most.
  public var frameBytes: Int { object.frameBytes }

  /// How many bytes of frames the task has room for.
  public var frameCapacity: Int { object.record.frames.end - object.record.frames.base }

  public static func == (one: Self, other: Self) -> Bool { one.object === other.object }
}

extension TaskObject {
  fileprivate final var frameBytes: Int { record.frames.mark - record.frames.base }
}

extension TaskPhase {
  fileprivate var name: StaticString {
    switch self {
    case .ready: "ready"
    case .running: "running"
    case .sleeping: "asleep"
    case .waiting: "waiting"
    case .joining, .gathering: "joining"
    case .finished: "finished"
    }
  }
}

/// The task that is running now; nil outside of coroutines. Python: `current_task()`.
public func currentTask() -> AnyLoopTask? { Loop.shared.current.map(AnyLoopTask.init) }

/// Calls `body` with every task that has not finished, in the order of creation. Allocates nothing; takes time that
/// grows with the square of their number, so it is for people who look.
public func forEachTask(_ body: (AnyLoopTask) -> Void) {
  Loop.make()
  var last: UInt32 = 0
  while let next = Loop.shared.task(after: last) {
    last = next.pointee.node.id
    body(AnyLoopTask(next))
  }
}

extension Loop {
  /// The task with the lowest number above `number`.
  fileprivate func task(after number: UInt32) -> RecordPointer? {
    var found: RecordPointer?
    func consider(_ node: NodePointer) {
      RecordPointer(node: node).forEachWaiting { record in
        guard record.pointee.node.id > number, record.pointee.node.id < found?.pointee.node.id ?? .max else { return }
        found = record
      }
    }
    state.pointee.scheduler.lot.forEach(consider)
    state.pointee.scheduler.forEachReady(consider)
    if let current { consider(current.node) }
    standing.pointee.forEach(consider)
    return found
  }
}

extension RecordPointer {
  /// Calls `body` with the task, and with those who await its end, directly or through others; they are in no other list. (Those
  /// who gather are.) Nothing recurses, however many of them stand one behind another.
  fileprivate func forEachWaiting(_ body: (RecordPointer) -> Void) {
    var record = self
    while true {
      body(record)
      var next = record.pointee.joiners.front
      while true {
        while let node = next, TaskFlags(rawValue: node.pointee.flags).contains(.proxy) { next = node.following }
        if next != nil || record == self { break }
        next = record.node.following
        record = record.awaited
      }
      guard let next else { return }
      record = RecordPointer(node: next)
    }
  }
}
