// News from outside, on Linux: descriptors, and flags that signal handlers or other threads have set.

import CTiny
import Platform
import Scheduler

extension Loop {
  static func makePoller() -> ExternalPoller {
    guard let epoll = Epoll() else { tiny_panic("the process has no descriptors left for the loop's poller") }
    theEpoll = epoll
    return ExternalPoller(
      hasMail: { tiny_has_mail() },
      takeMail: { Loop.readFlags(waking: &$0) },
      poll: { limit, scheduler in
        // A flag that is set from here on rings the doorbell, and the wait ends at once.
        epoll.wait(tiny_has_mail() ? .instant : limit, waking: &scheduler)
        Loop.readFlags(waking: &scheduler)
      },
      watch: { descriptor, interest, node in epoll.watch(descriptor, interest, node) },
      unwatch: { descriptor, interest, node in epoll.unwatch(descriptor, interest, node) })
  }
}

/// The loop's, made with it and never changed.
nonisolated(unsafe) private var theEpoll: Epoll?

@c(tiny_board_now)
func boardNow() -> Int64 { MonotonicClock.now() }

@c(tiny_board_wake)
func boardWake() { theEpoll?.ring() }
