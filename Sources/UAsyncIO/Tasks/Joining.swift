import CUAsyncIO
import Scheduler

/// Waits until a task has finished. In its caller, in whatever module, it has no frame of its own.
@inlinable @inline(__always)
nonisolated(nonsending) func join(_ object: TaskObject) async throws {
  switch try LoopCore.beginJoinInTask(object) {
  case .over: break
  case .filed:
    await park()
    try LoopCore.endJoinInTask()
  case .fromElsewhere: try await joinFromElsewhere(object)
  }
}

@LoopActor @usableFromInline
func joinFromElsewhere(_ object: TaskObject) async throws {
  if object.record.phase == .finished { return }
  let loop = LoopCore.shared
  let reason = try await loop.wait {
    if object.record.phase == .finished { throw NothingToWaitFor() }
    try $0.beginJoin(object)
  }
  if reason != nil { try loop.endJoin() }
}

extension LoopCore {
  /// What `join` does before it suspends.
  @usableFromInline
  static func beginJoinInTask(_ object: TaskObject) throws -> Beginning {
    guard let loop = inTask else { return .fromElsewhere }
    if object.record.phase == .finished { return .over }
    try loop.beginJoin(object)
    return .filed
  }

  /// What it does then.
  @usableFromInline
  static func endJoinInTask() throws { try onItsThread.endJoin() }

  /// Files the running task among those who await `object`'s end.
  @inline(__always)
  func beginJoin(_ object: TaskObject) throws {
    let target = object.pointer
    try refuseCycle(waitingFor: CollectionOfOne(target))
    try beginWait(.joining, in: target.joiners, until: Clock.never)
  }

  /// Throws if the wait that is now over was cancelled, and the awaited task has not met that in its place.
  @inline(__always)
  func endJoin() throws {
    let record = running.unsafelyUnwrapped
    if record.pointee.flags.isDisjoint(with: [.cancelPending, .cancelPassedOn]) { return }
    record.pointee.flags.remove(.cancelPassedOn)
    try endWait()
  }

  /// Throws if one of `targets` waits, directly or through others, for the running task to end.
  ///
  /// Costs nothing as long as nobody awaits the running task: then nothing can.
  @inline(__always)
  func refuseCycle(waitingFor targets: some Collection<RecordPointer>) throws {
    if wouldCloseCycle(waitingFor: targets) {
      throw LoopError.awaitsItself(task: name(of: caller))
    }
  }

  /// Whether one of `targets` waits, directly or through others, for the running task to end.
  @inline(__always)
  func wouldCloseCycle(waitingFor targets: some Collection<RecordPointer>) -> Bool {
    let waiter = caller
    if waiter.pointee.joiners.isEmpty, !targets.contains(waiter) { return false }
    return reaches(waiter, from: Array(targets))
  }

  private func reaches(_ waiter: RecordPointer, from targets: [RecordPointer]) -> Bool {
    var seen = Set(targets)
    var pending = targets
    while let record = pending.popLast() {
      if record == waiter { return true }
      switch record.pointee.phase {
      case .joining, .joiningWithLimit, .shielding:
        if seen.insert(record.awaited).inserted { pending.append(record.awaited) }
      case .gathering:
        pending += Gathering.from(record.pointee.node.list.unsafelyUnwrapped).unfinished.filter {
          seen.insert($0).inserted
        }
      default:
        break
      }
    }
    return false
  }

  /// Ends a task and wakes those who await it. A cancellation that one of them has passed on to it, and that it has not
  /// met, because it came when it was in its last step, goes back; unless there is an error to be told of.
  func finish(_ record: RecordPointer, failed: Bool) {
    record.pointee.phase = .finished
    if failed, record.pointee.joiners.isEmpty { noteUnretrieved(record) }
    let cancelsWaiters = !failed && record.pointee.flags.contains(.cancelPending)
    while let waiter = record.pointee.joiners.front {
      if TaskFlags(rawValue: waiter.pointee.flags).contains(.notATask) {
        Gathering.taskFinished(proxy: waiter, in: self)
      } else {
        if cancelsWaiters { RecordPointer(node: waiter).takeBackCancellation() }
        state.pointee.scheduler.wake(waiter, .event)
      }
    }
  }
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  /// Meets a cancellation itself that it has passed on.
  fileprivate func takeBackCancellation() {
    if pointee.phase == .joining, pointee.flags.contains(.cancelPassedOn) { pointee.flags.insert(.cancelPending) }
  }
}
