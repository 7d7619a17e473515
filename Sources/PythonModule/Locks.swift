import CPythonModule
import Scheduler

extension UnsafeMutablePointer where Pointee == EventObject {
  var waiters: UnsafeMutablePointer<WaitList> { event_list(self).assumingMemoryBound(to: WaitList.self) }
}

extension UnsafeMutablePointer where Pointee == LockObject {
  var waiters: UnsafeMutablePointer<WaitList> { lock_list(self).assumingMemoryBound(to: WaitList.self) }
}

/// Sets an event and wakes everybody who waits for it, in the order in which they came. Returns 0, or -1 from another
/// thread than the loop's.
@c(uasyncio_event_set)
public func setEvent(_ event: UnsafeMutablePointer<EventObject>) -> Int32 {
  guard mayTouch() else { return -1 }
  while let node = event.waiters.pointee.front { resume(TaskPointer(node), .event) }
  event.pointee.isSet = 1
  return 0
}

/// Releases a lock: hands it to the task that has waited longest. Returns 0; -1 with RuntimeError where it is not held,
/// and from another thread than the loop's.
@c(uasyncio_lock_release)
public func release(_ lock: UnsafeMutablePointer<LockObject>) -> Int32 {
  guard mayTouch() else { return -1 }
  guard lock.pointee.state == 1 else {
    _ = py_error(py_runtime_error(), "Lock not acquired")
    return -1
  }
  guard let node = lock.waiters.pointee.front else {
    lock.pointee.state = 0
    return 0
  }
  let heir = TaskPointer(node)
  py_keep(heir)
  lock.pointee.heir = heir
  lock.pointee.state = 2
  resume(heir, .event)
  return 0
}

func clearHeir(_ lock: UnsafeMutablePointer<LockObject>) {
  guard let heir = lock.pointee.heir else { return }
  lock.pointee.heir = nil
  py_drop(heir)
}

// MARK: - For the collector

/// Calls `visit` with each task in a list.
@c(uasyncio_list_visit)
public func visitList(
  _ list: UnsafeMutableRawPointer, _ visit: @convention(c) (Object?, UnsafeMutableRawPointer?) -> Int32,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  var answer: Int32 = 0
  list.assumingMemoryBound(to: WaitList.self).pointee.forEach { node in
    if answer == 0 { answer = visit(TaskPointer(node).object, argument) }
  }
  return answer
}

/// Takes each task out of a list that goes away: nobody can wake them any more.
@c(uasyncio_list_clear)
public func clearList(_ list: UnsafeMutableRawPointer) {
  let waiters = list.assumingMemoryBound(to: WaitList.self)
  while let node = waiters.pointee.front { takeOut(TaskPointer(node)) }
}
