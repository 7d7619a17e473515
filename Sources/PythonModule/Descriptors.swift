// Waiting for descriptors, through the landing's epoll.

import CPythonModule
import Scheduler

/// Files the running task until a stream's descriptor is ready. Returns false with an exception: what `fileno` raises,
/// OSError where the system cannot tell, RuntimeError where another task waits for the same.
func watch(_ stream: Object, _ interest: Interest, _ task: TaskPointer) -> Bool {
  let descriptor = PyObject_AsFileDescriptor(stream)
  guard descriptor >= 0 else { return false }
  // `fileno` may be a script's function.
  guard stillRuns(task) else { return false }
  let index = reserveWatchers(descriptor, interest)
  let watchers = loop.pointee.watchers.unsafelyUnwrapped
  if let other = watchers[index], other.phase == Phase.watching, hasLost(other) {
    // It waits at a descriptor that was closed under it, and whose number has been given out again.
    resume(other, .event)
  }
  switch loop.pointee.scheduler.watch(descriptor, interest, task.node) {
  case 0: break
  case 1:
    // EPERM: a regular file, which is always ready.
    fileReady(task)
    return true
  case 16:
    _ = py_error(
      py_runtime_error(),
      interest == .readable
        ? "another task already waits to read from this stream" : "another task already waits to write to this stream")
    return false
  case let error:
    py_raise_system_error(error)
    return false
  }
  watchers[index] = task
  // The poller tells only those that are parked, so that nobody is woken twice.
  loop.pointee.scheduler.park(task.node, until: Clock.never)
  task.phase = Phase.watching
  task.pointee.descriptor = descriptor
  if interest == .writable { task.set(Flag.writes) } else { task.clear(Flag.writes) }
  py_keep(task)
  py_keep(stream)
  let old = task.pointee.data
  task.pointee.data = stream
  if let old { py_drop(old) }
  return true
}

func interest(of task: TaskPointer) -> Interest { task.has(Flag.writes) ? .writable : .readable }

/// Whether the stream that a task waits for no longer has the descriptor that it had.
private func hasLost(_ task: TaskPointer) -> Bool {
  guard let stream = task.pointee.data else { return true }
  let descriptor = PyObject_AsFileDescriptor(stream)
  if descriptor < 0 { PyErr_Clear() }
  return descriptor != task.pointee.descriptor
}

/// A task no longer watches: its wait was answered, or broken off.
func forgetWatch(_ task: TaskPointer) {
  let index = Int(task.pointee.descriptor) * 2 + (task.has(Flag.writes) ? 1 : 0)
  if index < loop.pointee.watcherCapacity, let watchers = loop.pointee.watchers, watchers[index] == task {
    watchers[index] = nil
  }
  task.pointee.descriptor = -1
  let stream = task.pointee.data
  task.pointee.data = nil
  if let stream { py_drop(stream) }
}

/// Lets those go on who wait at a descriptor that is about to be closed.
@c(uasyncio_closing)
public func closing(_ descriptor: Int32) {
  guard descriptor >= 0, mayTouch() else { return PyErr_Clear() }
  for index in [Int(descriptor) * 2, Int(descriptor) * 2 + 1] where index < loop.pointee.watcherCapacity {
    if let task = loop.pointee.watchers.unsafelyUnwrapped[index], task.phase == Phase.watching { resume(task, .event) }
  }
}

private func reserveWatchers(_ descriptor: Int32, _ interest: Interest) -> Int {
  let index = Int(descriptor) * 2 + (interest == .writable ? 1 : 0)
  let capacity = loop.pointee.watcherCapacity
  if index >= capacity {
    let larger = max(64, index * 2)
    let watchers = UnsafeMutablePointer<TaskPointer?>.allocate(capacity: larger)
    watchers.initialize(repeating: nil, count: larger)
    if let old = loop.pointee.watchers {
      watchers.update(from: old, count: capacity)
      old.deallocate()
    }
    loop.pointee.watchers = watchers
    loop.pointee.watcherCapacity = larger
  }
  return index
}

/// Notes that so many more answers are to come from outside, beside those of descriptors.
@c(uasyncio_expect)
public func expect(_ change: Int32) {
  loop.pointee.scheduler.outsideWaits += Int(change)
}
