// Who calls.
//
// It is the task whose step this is; with one exception. A native task that is begun with `Task.immediate` runs at once,
// within the step of whoever begins it, until it suspends for the first time. What it waits for meanwhile must be filed
// under its own name. So every wait begins by asking the runtime which task runs, and where that is another one, a guest has
// begun: it gets a record, and whoever began it is its host until the host itself calls again, or its step is over.
//
// Cost: 24 instructions for each wait.

import CUAsyncIO
import Scheduler

extension LoopCore {
  /// The task that calls.
  var caller: RecordPointer {
    @inline(__always) get {
      if let running, running.isCurrent { return running }
      return findCaller()
    }
  }

  @inline(never)
  private func findCaller() -> RecordPointer {
    let current = uasyncio_current_task()
    while let index = state.pointee.hosts.indices.last {
      leaveGuest()
      let host = state.pointee.hosts.remove(at: index)
      state.pointee.running = host
      if let host, host.pointee.isTask(current) { return host }
    }
    // It is nobody who has called before.
    let guest = state.pointee.idleGuests.popLast() ?? makeGuest()
    guest.pointee.job = unsafeBitCast(current, to: UnownedJob.self)
    guest.pointee.phase = .running
    state.pointee.hosts.append(state.pointee.running)
    state.pointee.running = guest
    return guest
  }

  /// Ends the step of a task in which others were begun.
  @inline(never)
  func leaveGuests() {
    while !state.pointee.hosts.isEmpty {
      leaveGuest()
      state.pointee.running = state.pointee.hosts.removeLast()
    }
  }

  /// A guest that has called, and has not waited, has ended or is elsewhere.
  private func leaveGuest() {
    guard let guest = state.pointee.running, guest.pointee.phase == .running else { return }
    noteDeparture(guest)
  }
}

extension UnsafeMutablePointer where Pointee == TaskRecord {
  /// Whether this is the task that runs, as the runtime sees it.
  @inline(__always)
  var isCurrent: Bool { pointee.isTask(uasyncio_current_task()) }
}
