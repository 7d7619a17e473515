// How tasks get onto the loop: jobs that the Swift runtime hands over, from this thread or another.

import CUAsyncIO
import Scheduler

extension LoopCore {
  /// Takes a job that the runtime wants to be run here. Called on any thread.
  func arrive(_ job: UnownedJob) {
    let newborn = uasyncio_get_newborn()?.assumingMemoryBound(to: TaskRecord.self)
    // The first job enqueued while a task is being made is that task's.
    uasyncio_set_newborn(nil)
    if uasyncio_on_loop_thread() {
      admit(job, newborn: newborn, to: &state.pointee.scheduler)
    } else if mailbox.send(.job(job, newborn: newborn)) {
      ringDoorbell()
    }
  }

  /// Wakes the loop's thread. Called on other threads, while the loop sleeps.
  func ringDoorbell() {
    // The loop sleeps in this very epoll instance, so it is there and stays.
    state.pointee.epoll?.ring()
  }

  /// Takes in what other threads have left. Called by the poller, on the loop's thread.
  func readMail(into scheduler: inout Scheduler) {
    var letters = state.pointee.spareLetters
    state.pointee.spareLetters = Batch()
    mailbox.take(into: &letters)
    let count = letters.count
    while let letter = letters.popFirst() {
      switch letter {
      case .job(let job, let newborn):
        admit(job, newborn: newborn, to: &scheduler)
      case .call(let call):
        state.pointee.calls.add(call, to: &scheduler)
      case .cancelGuest(let record, let ticket):
        cancelGuest(record, ticket: ticket, in: &scheduler)
      case .workDone(let work):
        work.takeRetainedValue().arrive(in: &scheduler)
      }
    }
    letters.noteEmptied(of: count)
    state.pointee.spareLetters = letters
    if uasyncio_flags_stacked() { readFlags(into: &scheduler) }
  }

  /// Finds the record of a job that has arrived, a new task's, a returning one's, or a guest's, and lets it run.
  private func admit(_ job: UnownedJob, newborn: RecordPointer?, to scheduler: inout Scheduler) {
    let record: RecordPointer
    if let newborn {
      newborn.pointee.job = job
      // A worker: the step for which it is made has begun.
      if newborn.pointee.phase == .running { return }
      state.pointee.tally.taskBegan()
      record = newborn
    } else if let running = state.pointee.running, running.pointee.isJob(job) {
      // It has hopped away and back within its step. What it was woken by, it may still want to know.
      return scheduler.requeue(running.node)
    } else if let returning = state.pointee.elsewhere.removeValue(forKey: UnownedJobKey(job)) {
      scheduler.outsideWaits -= 1
      record = returning
    } else {
      record = state.pointee.idleGuests.popLast() ?? makeGuest()
      record.pointee.job = job
      // In such a run nearly every guest is the child of a task that prefers the loop, and so prefers it too.
      if Births.keepsChildrenOnLoop { record.pointee.flags.insert(.prefersLoop) }
    }
    if state.pointee.isEnding { record.pointee.flags.insert(newborn == nil ? .doomed : [.doomed, .cancelPending]) }
    scheduler.wake(record.node, .started)
  }

  func makeGuest() -> RecordPointer {
    let record = RecordPointer.allocate(capacity: 1)
    record.initialize(to: TaskRecord(id: 0, flags: .guest))
    return record
  }

  /// After a step that neither parked nor finished: the task is suspended in something that is not ours.
  func noteDeparture(_ record: RecordPointer) {
    if record.pointee.flags.contains(.guest) {
      // It may come back or not. If it does, any record will do.
      record.pointee.flags = .guest
      record.pointee.phase = .finished
      state.pointee.idleGuests.append(record)
      return
    }
    record.pointee.phase = .elsewhere
    state.pointee.elsewhere[UnownedJobKey(record.pointee.job)] = record
    state.pointee.scheduler.outsideWaits += 1
    state.pointee.scheduler.park(record.node, until: Clock.never)
    // A cancellation that none of our awaits has met yet must reach what it waits for now.
    if !record.pointee.flags.isDisjoint(with: [.cancelPending, .doomed]) { cancelNatively(record) }
  }

  /// Cancels a task that is suspended elsewhere, natively: the flag of its Swift task is set, and stays set.
  func cancelNatively(_ record: RecordPointer) {
    // A task's job is the task object itself: `createTask` has verified that for this very task.
    unsafeBitCast(record.pointee.job, to: Task<Void, Never>.self).cancel()
  }
}
