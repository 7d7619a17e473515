// Flags that other threads, and signal handlers, may set.
//
// Setting one only leaves mail: a link in a list, and a ring at the doorbell if the loop sleeps. The loop wakes the waiters
// when it next has its hands free: after the step that runs now, as MicroPython's does, which asks its flags between steps.
// All of that happens with the interpreter's lock held, so the list needs no other.

import CPythonModule
import Platform
import Scheduler

public typealias FlagPointer = UnsafeMutablePointer<FlagObject>

extension UnsafeMutablePointer where Pointee == FlagObject {
  var waiters: UnsafeMutablePointer<WaitList> { flag_list(self).assumingMemoryBound(to: WaitList.self) }
}

/// Sets a flag. May be called from any thread.
@c(uasyncio_flag_set)
public func setFlag(_ flag: FlagPointer) {
  flag.pointee.isSet = 1
  guard flag.pointee.isMailed == 0, !flag.waiters.pointee.isEmpty else { return }
  flag.pointee.isMailed = 1
  flag.pointee.nextMail = nil
  py_keep(flag)
  if let last = loop.pointee.lastMail {
    last.pointee.nextMail = flag
  } else {
    loop.pointee.mail = flag
  }
  loop.pointee.lastMail = flag
  ring()
}

/// Has the loop look what there is to do, before it sleeps or out of its sleep. May be called from any thread.
@c(uasyncio_ring)
public func ring() {
  loop.pointee.isRung = true
  if loop.pointee.isAsleep { loop.pointee.epoll.ring() }
}

/// Wakes those who wait for flags that have been set. One that was cleared meanwhile wakes nobody.
func readMail(_ scheduler: inout Scheduler) {
  while let flag = loop.pointee.mail {
    loop.pointee.mail = flag.pointee.nextMail
    if loop.pointee.mail == nil { loop.pointee.lastMail = nil }
    flag.pointee.nextMail = nil
    flag.pointee.isMailed = 0
    if flag.pointee.isSet != 0 {
      while let node = flag.waiters.pointee.front { scheduler.wake(node, .event) }
    }
    // A flag that somebody waits for is held by the waiter too: this drop cannot run a script's code.
    py_drop(flag)
  }
}
