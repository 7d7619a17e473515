// News from outside, on Linux: descriptors, and flags that signal handlers or other threads have set.
//
// A descriptor is told to the kernel once, when it is opened, and from then on the kernel tells of changes only
// (EPOLLET). Whether it can be read or written is remembered here; a read that gets less than it asked for, or nothing,
// says that there is no more. So a round trip is one `recv`, one `send` and a share of one `epoll_wait`.
//
// (The landing's `Epoll` serves the Swift face, where descriptors belong to others and are watched for one answer.)
//
// Never: close a descriptor while a task waits for it.

import CTiny
import CTinyLinux
import Scheduler

/// What is known of a descriptor, at an address that the kernel keeps.
struct DescriptorState {
  var reader: NodePointer?
  var writer: NodePointer?
  // Until it is tried, nobody knows.
  var mayRead = true
  var mayWrite = true
  /// A read that gets less than it might have does not say that there is no more: the other side has ended, and there will be
  /// no further news; or it has sent urgent data, and before those the kernel stops.
  var distrustsShortReads = false
}

typealias DescriptorPointer = UnsafeMutablePointer<DescriptorState>

extension Loop {
  static func makeScheduler() -> Scheduler {
    Scheduler(read: { tiny_board_now() }, origin: tiny_board_now(), poller: makePoller())
  }

  /// Where news come from whatever clock and order a run has.
  var poller: Poller { state.pointee.scheduler.poller }

  private static func makePoller() -> ExternalPoller {
    guard tiny_poller_open() == 0 else { tiny_panic("the process has no descriptors left for the loop's poller") }
    return ExternalPoller(
      hasMail: { tiny_has_mail() },
      takeMail: { Loop.readFlags(waking: &$0) },
      poll: { limit, scheduler in
        // A flag that is set from here on rings the doorbell, and the wait ends at once.
        Loop.takeNews(tiny_has_mail() ? .instant : limit, waking: &scheduler)
        Loop.readFlags(waking: &scheduler)
      },
      watch: { _, _, _ in Scheduler.notSupported },
      unwatch: { _, _, _ in })
  }

  private static func takeNews(_ limit: PollLimit, waking scheduler: inout Scheduler) {
    let nanoseconds: Int64
    switch limit {
    case .instant: nanoseconds = 0
    case .nanoseconds(let limit): nanoseconds = max(0, limit)
    case .forever: nanoseconds = -1
    }
    let count = tiny_poller_wait(nanoseconds)
    var index: Int32 = 0
    while index < count {
      if let state = tiny_poller_state(index) {
        take(tiny_poller_events(index), of: state.assumingMemoryBound(to: DescriptorState.self), waking: &scheduler)
      }
      index += 1
    }
  }

  private static func take(_ events: UInt32, of state: DescriptorPointer, waking scheduler: inout Scheduler) {
    if events & (tiny_event_end | tiny_event_urgent) != 0 { state.pointee.distrustsShortReads = true }
    if events & tiny_event_in != 0 {
      state.pointee.mayRead = true
      answer(&state.pointee.reader, &scheduler)
    }
    if events & tiny_event_out != 0 {
      state.pointee.mayWrite = true
      answer(&state.pointee.writer, &scheduler)
    }
  }

  private static func answer(_ waiter: inout NodePointer?, _ scheduler: inout Scheduler) {
    // One that was cancelled and has not had its step yet is in the ready queue, and takes its wait back itself.
    guard let node = waiter, scheduler.lot.isParked(node) else { return }
    waiter = nil
    scheduler.outsideWaits -= 1
    scheduler.wake(node, .event)
  }

  /// Files the running task until the descriptor's state changes; see `endWatch`.
  func beginWatch(_ state: DescriptorPointer, _ interest: Interest) throws(TaskError) {
    let record = try beginOpenWait(.waiting)
    switch interest {
    case .readable: state.pointee.reader = record.node
    case .writable: state.pointee.writer = record.node
    }
    self.state.pointee.scheduler.outsideWaits += 1
  }

  func endWatch(_ state: DescriptorPointer, _ interest: Interest) throws(TaskError) {
    if wakeReason == .cancelled {
      self.state.pointee.scheduler.outsideWaits -= 1
      switch interest {
      case .readable: state.pointee.reader = nil
      case .writable: state.pointee.writer = nil
      }
    }
    try endWait()
  }
}
