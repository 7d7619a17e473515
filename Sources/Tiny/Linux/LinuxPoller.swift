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
  /// The other side has ended: there will be no further news, so only a read can tell when all has been read.
  var hasEnded = false
}

/// When the kernel was last asked for news, and how many of those whom it woke have not had their step.
nonisolated(unsafe) private var lastLook: Int64 = 0
nonisolated(unsafe) private var unserved = 0
/// How long they may keep it from being asked again, in nanoseconds.
private let leisure: Int64 = 1_000_000

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
    case .instant:
      // One look when they are through finds more at once.
      if unserved > 0, tiny_clock() - lastLook < leisure { return }
      nanoseconds = 0
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
    if events & tiny_event_in != 0 {
      state.pointee.mayRead = true
      if events & tiny_event_end != 0 { state.pointee.hasEnded = true }
      if let reader = state.pointee.reader { answer(reader, &scheduler) }
      state.pointee.reader = nil
    }
    if events & tiny_event_out != 0 {
      state.pointee.mayWrite = true
      if let writer = state.pointee.writer { answer(writer, &scheduler) }
      state.pointee.writer = nil
    }
  }

  private static func answer(_ node: NodePointer, _ scheduler: inout Scheduler) {
    scheduler.outsideWaits -= 1
    unserved += 1
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
    } else {
      unserved -= 1
    }
    try endWait()
  }
}
