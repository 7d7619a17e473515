import Scheduler

/// Cancels every other task, and waits until all have ended, for a limited time. Python: what `asyncio.run` does at its end.
///
/// The caller is spared, and so is who awaits it, directly or through others or by a nested `run`. Each of the other tasks is cancelled once, so
/// its clean-up runs undisturbed. Tasks that are made meanwhile are ended too: those that another one awaits are part of
/// its clean-up, the others are cancelled like the first ones. Native Swift tasks on the loop, and functions that
/// ``callFromThread(_:)`` and its like have still to call, are left alone.
///
/// ```swift
/// for task in await shutDown(grace: .seconds(5)) { log("gave up on \(task)") }
/// ```
///
/// - Parameter grace: how long to wait. With `.zero` the tasks have what time they can use without waiting for any.
/// - Returns: the tasks that had not ended when the time was over, and what each was waiting for; they are left as they
///   are. If the caller itself is cancelled meanwhile, it waits no longer, and its next await throws.
@LoopActor @discardableResult
public func shutDown(grace: Duration) async -> [TaskReport] {
  let loop = LoopCore.shared
  let deadline = Clock.deadline(TimeLimit.nanoseconds(grace), after: loop.now)
  var cancelled: Set<UInt32> = []
  // A bound, so that tasks which make each other without time passing cannot put the end off for ever.
  var rounds = 100
  var isFirst = true
  while true {
    let others = loop.tasksToShutDown()
    for record in others where !cancelled.contains(record.pointee.node.id) {
      // One that was made meanwhile and is awaited is part of another's clean-up.
      guard isFirst || record.pointee.joiners.isEmpty else { continue }
      cancelled.insert(record.pointee.node.id)
      _ = loop.cancel(record)
    }
    isFirst = false
    rounds -= 1
    guard !others.isEmpty else { return [] }
    guard rounds > 0, await loop.waitForEnds(of: others, until: deadline) else {
      return loop.report(on: loop.tasksToShutDown())
    }
  }
}

extension LoopCore {
  /// Every task of ours but the running one and those that await it, or stand still until it has run.
  fileprivate func tasksToShutDown() -> [RecordPointer] {
    everyTask().filter { record in
      record.pointee.phase != .running && record.pointee.phase != .finished && !record.pointee.flags.contains(.guest)
        && !wouldCloseCycle(waitingFor: CollectionOfOne(record))
    }
  }

  /// Waits until all have ended. Returns false if the time was over before, or the caller was cancelled.
  @LoopActor
  fileprivate func waitForEnds(of records: [RecordPointer], until deadline: Int64) async -> Bool {
    let gathering = Gathering.begin(until: .all)
    defer { gathering.end() }
    for record in records { gathering.add(TaskObject.from(record).takeUnretainedValue()) }
    while !gathering.pointee.isOver {
      do {
        // Not as one who gathers them: a cancellation of the caller is not to be passed on, for they have had theirs.
        // Only the loop's thread uses it.
        nonisolated(unsafe) let gathering = gathering
        let reason = try await wait(.tasks, in: gathering.list, until: deadline, unless: { gathering.pointee.isOver })
        if reason == nil { break }
        try endWait()
        if reason == .deadline, !gathering.pointee.isOver { return false }
      } catch {
        postponeCancellation()
        return false
      }
    }
    return true
  }
}
