import CTiny
import Scheduler

/// Waits until a task has finished.
#if !UASYNCIO_BOARD
  @inline(__always)
#endif
nonisolated(nonsending) func join(_ object: TaskObject) async throws(TaskError) {
  if object.record.phase == .finished { return }
  try Loop.shared.beginJoin(object.pointer)
  await park()
  try Loop.shared.endJoin()
}

extension Loop {
  /// Files the running task among those who await a task's end, and nowhere else. It holds a handle until it goes on.
  #if !UASYNCIO_BOARD
    @inline(__always)
  #endif
  fileprivate func beginJoin(_ target: RecordPointer) throws(TaskError) {
    let record = try mayBegin()
    if closesCycle(record, waitingFor: target) { throw .awaitsItself }
    record.pointee.phase = .joining
    WaitList.append(record.node, to: target.joiners)
  }

  /// Throws if the wait that is now over was cancelled, and the awaited task has not met that in its place.
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  fileprivate func endJoin() throws(TaskError) {
    let record = running.unsafelyUnwrapped
    if record.pointee.flags.isDisjoint(with: [.cancelPassedOn, .cancelPending]) { return }
    record.pointee.flags.remove(.cancelPassedOn)
    try endWait()
  }

  /// Whether a task waits, directly or through others, for another one to end. Costs nothing as long as nobody awaits that one:
  /// then nothing can.
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  func closesCycle(_ waiter: RecordPointer, waitingFor target: RecordPointer) -> Bool {
    target == waiter || !waiter.pointee.joiners.isEmpty && target.awaitsOthers && leads(from: target, to: waiter)
  }

  @inline(never)
  private func leads(from target: RecordPointer, to waiter: RecordPointer) -> Bool {
    var list = RecordList()
    list.append(target)
    return list.leads(to: waiter)
  }
}

// Following who waits for whom.
//
// Tasks that gather tasks that gather tasks are a net, and many ways can lead to the same one. So whoever follows it
// keeps a list of the records that it has come to, each once, linked through the records: nothing is allocated, and
// nothing recurses, however long the way.

/// Records to be looked at, each of them once.
struct RecordList {
  private var first: RecordPointer?
  /// The one looked at now.
  private var cursor: RecordPointer?

  init() {}

  /// Adds a record unless it is there already, or has finished: before those that have not been looked at yet.
  @inline(never)
  mutating func append(_ record: RecordPointer) {
    guard record.pointee.phase != .finished, !record.pointee.flags.contains(.listed) else { return }
    record.pointee.flags.insert(.listed)
    if let cursor {
      record.pointee.link = cursor.pointee.link
      cursor.pointee.link = record
    } else {
      record.pointee.link = first
      first = record
    }
  }

  /// Adds those whose end a task waits for.
  @inline(never)
  mutating func appendAwaited(by record: RecordPointer) {
    switch record.pointee.phase {
    case .joining:
      append(record.awaited)
    case .gathering:
      Gathering.from(record.pointee.node.list.unsafelyUnwrapped).appendUnfinished(to: &self)
    default:
      break
    }
  }

  /// The next record to look at.
  mutating func next() -> RecordPointer? {
    let following = cursor == nil ? first : cursor?.pointee.link
    if let following { cursor = following }
    return following
  }

  /// Whether one of the tasks of the list, or one that such a task waits for, is `waiter`; without one, whether it is owed a
  /// step. Clears the list.
  @inline(never)
  mutating func leads(to waiter: RecordPointer?) -> Bool {
    var found = false
    while !found, let record = next() {
      found = waiter == nil ? record.isOwedAStep : record == waiter
      appendAwaited(by: record)
    }
    clear()
    return found
  }

  /// Takes all out.
  @inline(never)
  mutating func clear() {
    while let record = first {
      first = record.pointee.link
      record.pointee.link = nil
      record.pointee.flags.remove(.listed)
    }
    cursor = nil
  }
}

extension RecordPointer {
  /// Whether a task waits for the end of others.
  fileprivate var awaitsOthers: Bool { pointee.phase == .joining || pointee.phase == .gathering }

  /// Whether a task has been woken by what it waited for, or made, and has not run since.
  fileprivate var isOwedAStep: Bool {
    guard isQueued else { return false }
    return pointee.node.reason == .deadline || pointee.node.reason == .event || tiny_is_unbegun(frames)
  }

  /// Whether a task waits for its step.
  var isQueued: Bool { pointee.phase == .ready && self != Loop.shared.running }
}
