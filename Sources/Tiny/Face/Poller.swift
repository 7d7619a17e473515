// News from outside, on a board: interrupts set flags, and the processor waits for one.

import CTiny
import Scheduler

#if !os(Linux)
  extension Loop {
    static func makePoller() -> ExternalPoller {
      ExternalPoller(
        hasMail: { tiny_has_mail() },
        takeMail: { Loop.readFlags(waking: &$0) },
        poll: { limit, scheduler in
          switch limit {
          case .instant: break
          case .nanoseconds(let nanoseconds): if nanoseconds > 0 { tiny_board_wait(nanoseconds) }
          case .forever: tiny_board_wait(-1)
          }
          Loop.readFlags(waking: &scheduler)
        },
        watch: { _, _, _ in Scheduler.notSupported },
        unwatch: { _, _, _ in })
    }
  }
#endif
