// The one way of waiting.
//
// An awaitable's first `send` files the running task in one of the places below and yields None; its second one comes when
// somebody has resumed the task, and returns. A `throw` between the two means that the wait was broken off: by a
// cancellation mostly. By then the task is in no place any more: `resume` has taken it out.

import CPythonModule
import Scheduler

/// The running task, if it may wait now. Raises RuntimeError without one, and where it is filed already; raises what was
/// thrown at the task while it ran.
@inline(__always)
func beginWait() -> TaskPointer? {
  guard let task = loop.pointee.current, loop.pointee.owner == py_thread() else {
    return raise("no running event loop")
  }
  guard task.phase == Phase.running else { return raise("the running task already waits for something") }
  if let pending = task.pointee.pending {
    task.pointee.pending = nil
    raise(pending)
    return nil
  }
  return task
}

/// Whether a task that was asked with `beginWait` still is not filed, after a script's code has run.
func stillRuns(_ task: TaskPointer) -> Bool {
  if task.phase == Phase.running { return true }
  _ = raise("the running task already waits for something")
  return false
}

private func raise(_ text: StaticString) -> TaskPointer? {
  text.withUTF8Buffer { bytes in
    UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped).withMemoryRebound(to: CChar.self, capacity: bytes.count + 1) {
      _ = py_error(py_runtime_error(), $0)
    }
  }
  return nil
}

/// Files a task behind those that are ready.
@inline(__always)
func fileReady(_ task: TaskPointer) {
  task.phase = Phase.ready
  py_keep(task)
  loop.pointee.scheduler.yield(task.node)
}

/// Files a task under a time; a time that is not after zero means: behind those that are ready.
@inline(__always)
func fileUntil(_ deadline: Int64, _ task: TaskPointer) {
  guard deadline > 0 else { return fileReady(task) }
  task.phase = Phase.sleeping
  py_keep(task)
  loop.pointee.scheduler.park(task.node, until: deadline)
}

/// Files a task at the end of a list.
@inline(__always)
func file(_ task: TaskPointer, _ phase: UInt8, in list: UnsafeMutablePointer<WaitList>) {
  task.phase = phase
  py_keep(task)
  WaitList.append(task.node, to: list)
}

/// Takes a task out of wherever it waits and lets it run. Does nothing with one that is ready, runs or has finished.
func resume(_ task: TaskPointer, _ reason: WakeReason) {
  switch task.phase {
  case Phase.ready, Phase.running, Phase.finished: return
  case Phase.idle: return fileReady(task)
  default:
    leave(task)
    loop.pointee.scheduler.wake(task.node, reason)
  }
}

/// Takes a task out of wherever it waits, and gives up the place's reference.
func takeOut(_ task: TaskPointer) {
  switch task.phase {
  case Phase.running, Phase.finished, Phase.idle: return
  case Phase.ready: takeOutOfReady(task)
  default:
    leave(task)
    loop.pointee.scheduler.forget(task.node)
  }
  task.phase = Phase.idle
  py_drop(task)
}

/// Takes a task out of the ready queue. That is rare, and takes time with the length of the queue.
private func takeOutOfReady(_ task: TaskPointer) {
  var others: [NodePointer] = []
  loop.pointee.scheduler.forEachReady { if $0 != task.node { others.append($0) } }
  loop.pointee.scheduler.forgetReady()
  for node in others {
    // One that has finished waits for its report, and stays finished.
    let phase = node.pointee.phase
    loop.pointee.scheduler.requeue(node)
    node.pointee.phase = phase
  }
  if task.pointee.descriptor >= 0 { forgetWatch(task) }
}

/// What has to be undone when a wait is broken off or answered from here.
private func leave(_ task: TaskPointer) {
  guard task.phase == Phase.watching else { return }
  loop.pointee.scheduler.unwatch(task.pointee.descriptor, interest(of: task), task.node)
  forgetWatch(task)
}

// MARK: - Cancelling

/// Cancels a task: what it awaits now, or next, raises CancelledError. Returns 1; 0 if it has finished; -1 with an
/// exception for the running task itself, and from another thread.
///
/// Where the task awaits another one it is that one which is cancelled, and so on to the end of the chain.
@c(uasyncio_cancel)
public func cancel(_ first: TaskPointer) -> Int32 {
  guard mayTouch() else { return -1 }
  if first.isFinished { return 0 }
  if first == loop.pointee.current {
    _ = py_error(py_runtime_error(), "can't cancel self")
    return -1
  }
  var task = first
  while task.phase == Phase.joining, let awaited = task.awaited { task = awaited }
  if task.phase == Phase.draining {
    task.set(Flag.cancelledLate)
    return 1
  }
  guard let error = PyObject_CallNoArgs(shared.pointee.cancelledError) else { return -1 }
  if task.phase == Phase.idle, let queue = task.pointee.data,
    PyObject_HasAttr(queue, shared.pointee.nameRemove) != 0
  {
    // A script's own queue, which wants to hear of it.
    py_keep(queue)
    let answer = py_call_method1(queue, shared.pointee.nameRemove, task.object)
    py_drop(queue)
    guard let answer else {
      py_drop(error)
      return -1
    }
    py_drop(answer)
  }
  setPending(task, error)
  if task.phase != Phase.ready { resume(task, .cancelled) }
  return 1
}

/// Has a task's next step throw; takes over the reference to the exception.
func setPending(_ task: TaskPointer, _ error: Object) {
  let old = task.pointee.pending
  task.pointee.pending = error
  if let old { py_drop(old) }
}
