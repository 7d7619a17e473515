// A function that is called in its turn: what `callSoon` and `callLater` make.
//
// It is a node like a task's, so it waits among the same timers, stands in the same ready queue, and is drawn by the same
// seeded order. But there is no Swift task behind it, no stack and nothing to resume: its step is one call. It is no task
// either: it cannot await, it has no end that could be awaited, and reports leave it out.
//
// The loop holds one reference from `post` until it is called or cancelled.

import CUAsyncIO
import Scheduler

/// What has a place among the tasks, and steps that are calls.
class Callable: TaskObject, @unchecked Sendable {
  init() { super.init(record: TaskRecord(id: 0, flags: .notATask)) }

  /// Its step. The object is alive until it is over.
  func call(in loop: LoopCore) { fatalError("overridden") }
}

/// A function that is called in its turn.
final class Callback: Callable, @unchecked Sendable {
  private var body: (() -> Void)?
  /// When it is to be called, a time of the loop's; nil is soon.
  private(set) var deadline: Int64?

  init(_ body: @escaping @LoopActor () -> Void) {
    // It is only called on the loop's thread; the type system just does not know.
    self.body = unsafeBitCast(body, to: (() -> Void).self)
    super.init()
  }

  /// Whether it has been called, or will never be.
  var isOver: Bool { record.phase == .finished }

  override func call(in loop: LoopCore) {
    record.phase = .finished
    let body = body
    self.body = nil
    body?()
    Unmanaged.passUnretained(self).release()
  }

  fileprivate func discard() {
    record.phase = .finished
    body = nil
  }

  fileprivate func parked(until deadline: Int64) {
    self.deadline = deadline
    record.phase = .sleeping
  }
}

extension LoopCore {
  /// Has a callback called after all that is ready now.
  func post(_ callback: Callback) {
    _ = Unmanaged.passRetained(callback)
    state.pointee.scheduler.wake(callback.pointer.node, .started)
  }

  /// Has a callback called at a time of the loop's.
  func post(_ callback: Callback, at deadline: Int64) {
    _ = Unmanaged.passRetained(callback)
    callback.parked(until: deadline)
    state.pointee.scheduler.park(callback.pointer.node, until: deadline)
  }

  /// Has a callback not be called any more. Returns false if it is too late.
  @discardableResult
  func cancel(_ callback: Callback) -> Bool {
    guard !callback.isOver else { return false }
    state.pointee.scheduler.forget(callback.pointer.node)
    // One that is in the ready queue stays there, and does nothing when its turn comes.
    let isReady = callback.record.phase == .ready
    callback.discard()
    if !isReady { Unmanaged.passUnretained(callback).release() }
    return true
  }

  /// The step of what is called. (Not to be inlined: the step of a task would pay for it.)
  @inline(never)
  func call(_ record: RecordPointer) {
    let callable = unsafeDowncast(TaskObject.from(record).takeUnretainedValue(), to: Callable.self)
    state.pointee.running = nil
    if !state.pointee.attention.isEmpty { prepare(record) }
    callable.call(in: self)
    if !state.pointee.hosts.isEmpty { leaveGuests() }
    state.pointee.running = nil
    if !state.pointee.attention.isEmpty { attend(record) }
  }

  /// Drops the callbacks that have not been called.
  func dropCallbacks() {
    var records: [RecordPointer] = []
    state.pointee.scheduler.lot.forEach { records.append(RecordPointer(node: $0)) }
    state.pointee.scheduler.forEachReady { records.append(RecordPointer(node: $0)) }
    // They are held until all are dropped: what one lets go of may cancel another, and with it go its last reference.
    let callbacks = records.filter { $0.pointee.flags.contains(.notATask) }
      .compactMap { TaskObject.from($0).takeUnretainedValue() as? Callback }
    for callback in callbacks { cancel(callback) }
    state.pointee.calls.drop()
  }
}
