// News from outside, on a board: interrupts set flags, and the processor waits for one.

import CTiny
import Scheduler

#if !os(Linux)
  /// For Scheduler/BoardTurn.swift.
  @_silgen_name("tiny_face_takes_mail")
  public func takeMail(_ scheduler: inout Scheduler) { Loop.readFlags(waking: &scheduler) }

  extension Loop {
    /// The same, for a scheduler that goes by the seams.
    var poller: Poller {
      .external(
        ExternalPoller(
          hasMail: { tiny_has_mail() },
          takeMail: { takeMail(&$0) },
          poll: { limit, scheduler in
            switch limit {
            case .instant: break
            case .nanoseconds(let nanoseconds): if nanoseconds > 0 { tiny_board_wait(nanoseconds) }
            case .forever: tiny_board_wait(-1)
            }
            takeMail(&scheduler)
          },
          watch: { _, _, _ in Scheduler.notSupported },
          unwatch: { _, _, _ in }))
    }
  }
#endif
