import Scheduler

/// Waits until a task has finished.
nonisolated(nonsending) func join(_ object: TaskObject) async throws {
  guard let loop = LoopCore.inTask else { return try await joinFromElsewhere(object) }
  if object.record.phase == .finished { return }
  try loop.beginJoin(object)
  await park()
  try loop.endWait()
}

@LoopActor
private func joinFromElsewhere(_ object: TaskObject) async throws {
  if object.record.phase == .finished { return }
  let loop = LoopCore.shared
  _ = try await loop.wait { try $0.beginJoin(object) }
  try loop.endWait()
}

extension TaskObject: @unchecked Sendable {}

extension LoopCore {
  /// Files the running task among those who await `object`'s end.
  @inline(__always)
  fileprivate func beginJoin(_ object: TaskObject) throws {
    let target = object.pointer
    try refuseCycle(waitingFor: CollectionOfOne(target))
    try beginWait(.joining, in: target.joiners, until: Clock.never)
  }

  /// Throws if one of `targets` waits, directly or through others, for the running task to end.
  ///
  /// Costs nothing as long as nobody awaits the running task: then nothing can.
  @inline(__always)
  func refuseCycle(waitingFor targets: some Collection<RecordPointer>) throws {
    if wouldCloseCycle(waitingFor: targets) {
      throw LoopError.awaitsItself(task: name(of: running.unsafelyUnwrapped))
    }
  }

  /// Whether one of `targets` waits, directly or through others, for the running task to end.
  @inline(__always)
  func wouldCloseCycle(waitingFor targets: some Collection<RecordPointer>) -> Bool {
    let waiter = running.unsafelyUnwrapped
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

  /// Ends a task and wakes those who await it.
  func finish(_ record: RecordPointer, failed: Bool) {
    record.pointee.phase = .finished
    if failed, record.pointee.joiners.isEmpty { noteUnretrieved(record) }
    while let waiter = record.pointee.joiners.front {
      if TaskFlags(rawValue: waiter.pointee.flags).contains(.notATask) {
        Gathering.taskFinished(proxy: waiter, in: self)
      } else {
        state.pointee.scheduler.wake(waiter, .event)
      }
    }
  }
}
