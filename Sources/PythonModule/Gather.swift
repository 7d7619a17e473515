// `gather`: several tasks at once.
//
// The gathering is the callback of each task that it waits for. A task's end calls `partFinished`, which wakes the waiter
// when the last one is there, or the first exception that is to be raised. The others are left as they are then: their
// callback is taken back, and they are tasks like any other again. Only a cancellation of the waiter cancels them.

import CPythonModule
import Scheduler

public typealias GatherPointer = UnsafeMutablePointer<GatherObject>

extension UnsafeMutablePointer where Pointee == GatherObject {
  fileprivate var object: Object { UnsafeMutableRawPointer(self).assumingMemoryBound(to: PyObject.self) }
  fileprivate var waiters: UnsafeMutablePointer<WaitList> { gather_list(self).assumingMemoryBound(to: WaitList.self) }
  fileprivate var count: Int { PyList_Size(pointee.parts) }
  fileprivate func task(_ index: Int) -> TaskPointer {
    TaskPointer(object: PyList_GetItem(pointee.parts, index).unsafelyUnwrapped)
  }
}

@c(uasyncio_gather_send)
public func sendIntoGather(_ gather: GatherPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  switch gather.pointee.stage {
  case Stage.fresh:
    gather.pointee.stage = Stage.done
    guard let waiter = beginWait(), let isBlocked = begin(gather) else { return PYGEN_ERROR }
    if isBlocked || gather.pointee.unfinished == 0 { return end(gather, result) }
    guard stillRuns(waiter) else {
      takeBackCallbacks(gather)
      return PYGEN_ERROR
    }
    return waitOn(gather, result)
  case Stage.waiting:
    if gather.pointee.unfinished > 0, gather.pointee.failure == nil {
      // A script has pushed the task into the loop's queue: there is still something to wait for.
      gather.pointee.stage = Stage.fresh
      return waitOn(gather, result)
    }
    gather.pointee.stage = Stage.done
    return end(gather, result)
  default:
    result.pointee = keep(py_none())
    return PYGEN_RETURN
  }
}

/// Files the running task until the gathering wakes it.
private func waitOn(_ gather: GatherPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  guard let waiter = beginWait() else {
    takeBackCallbacks(gather)
    gather.pointee.stage = Stage.done
    return PYGEN_ERROR
  }
  gather.pointee.stage = Stage.waiting
  file(waiter, Phase.gathering, in: gather.waiters)
  result.pointee = keep(py_none())
  return PYGEN_NEXT
}

/// Makes tasks of the parts, and becomes the callback of those that have not finished. Returns whether one that has
/// finished keeps the gathering from waiting at all; nil with an exception.
private func begin(_ gather: GatherPointer) -> Bool? {
  let parts = gather.pointee.parts.unsafelyUnwrapped
  let count = PyTuple_Size(parts)
  guard let tasks = PyList_New(0) else { return nil }
  gather.pointee.parts = tasks
  defer { py_drop(parts) }
  guard promoteAll(parts, count, into: tasks) else { return nil }
  var isBlocked = false
  for index in 0..<count {
    let task = gather.task(index)
    if task.isFinished {
      if task.hasFailed, gather.pointee.returnsExceptions == 0 { isBlocked = true }
    } else if task.pointee.callback == nil, !task.has(Flag.awaited) {
      task.pointee.callback = keep(gather.object)
      gather.pointee.unfinished += 1
    } else if task.pointee.callback != gather.object || !isRepeated(parts, index) {
      takeBackCallbacks(gather)
      _ = py_error(py_runtime_error(), "can't gather")
      return nil
    }
  }
  return isBlocked
}

/// Makes tasks of the parts; the same coroutine twice is one task. Returns false with an exception.
private func promoteAll(_ parts: Object, _ count: Int, into tasks: Object) -> Bool {
  let seen = count > 16 ? PyDict_New() : nil
  defer { if let seen { py_drop(seen) } }
  for index in 0..<count {
    let part = PyTuple_GetItem(parts, index).unsafelyUnwrapped
    var task: Object?
    if let earlier = find(part, parts, before: index, seen) {
      task = keep(PyList_GetItem(tasks, earlier).unsafelyUnwrapped)
    } else {
      task = promote(part)?.object
    }
    guard let task else { return false }
    let answer = PyList_Append(tasks, task)
    py_drop(task)
    guard answer == 0 else { return false }
  }
  return true
}

/// The index of an object among the parts before `index`. In many parts it is looked up by its address in `seen`.
private func find(_ part: Object, _ parts: Object, before index: Int, _ seen: Object?) -> Int? {
  guard let seen else {
    for earlier in 0..<index where PyTuple_GetItem(parts, earlier) == part { return earlier }
    return nil
  }
  guard let key = PyLong_FromVoidPtr(part), let position = PyLong_FromSsize_t(index) else { return nil }
  defer {
    py_drop(key)
    py_drop(position)
  }
  if let found = PyDict_GetItemWithError(seen, key) { return PyLong_AsSsize_t(found) }
  if PyDict_SetItem(seen, key, position) != 0 { PyErr_Clear() }
  return nil
}

/// Whether the same coroutine stands before `index` too. (The same task twice cannot be gathered, as in MicroPython.)
private func isRepeated(_ parts: Object, _ index: Int) -> Bool {
  let part = PyTuple_GetItem(parts, index).unsafelyUnwrapped
  guard py_is_kind(part, shared.pointee.task) == 0 else { return false }
  for earlier in 0..<index where PyTuple_GetItem(parts, earlier) == part { return true }
  return false
}

private func takeBackCallbacks(_ gather: GatherPointer) {
  for index in 0..<gather.count {
    let task = gather.task(index)
    guard task.pointee.callback == gather.object else { continue }
    task.pointee.callback = nil
    py_drop(gather)
  }
}

/// One of the tasks has finished.
func partFinished(_ gather: GatherPointer, _ task: TaskPointer) {
  guard gather.pointee.stage == Stage.waiting else { return }
  if task.hasFailed, gather.pointee.returnsExceptions == 0 {
    if gather.pointee.failure == nil { gather.pointee.failure = keep(task.pointee.outcome.unsafelyUnwrapped) }
  } else {
    gather.pointee.unfinished -= 1
    guard gather.pointee.unfinished == 0 else { return }
  }
  // If there is nobody, it is on its way already, to meet a cancellation.
  if let node = gather.waiters.pointee.front { resume(TaskPointer(node), .event) }
}

/// Lets go of those that still run, and returns the list of values, or raises.
private func end(_ gather: GatherPointer, _ result: UnsafeMutablePointer<Object?>) -> PySendResult {
  let count = gather.count
  guard let values = PyList_New(0) else { return PYGEN_ERROR }
  var failure = gather.pointee.failure
  gather.pointee.failure = nil
  for index in 0..<count {
    let task = gather.task(index)
    if task.isFinished {
      let outcome = task.pointee.outcome ?? py_none()
      if task.hasFailed, gather.pointee.returnsExceptions == 0, failure == nil {
        failure = keep(outcome.unsafelyUnwrapped)
      }
      _ = PyList_Append(values, outcome)
    } else if task.pointee.callback == gather.object {
      task.pointee.callback = nil
      py_drop(gather)
    }
  }
  drop(&gather.pointee.parts)
  if let failure {
    py_drop(values)
    raise(failure)
    return PYGEN_ERROR
  }
  result.pointee = values
  return PYGEN_RETURN
}

/// The wait is broken off. A cancellation cancels every task that has not finished.
func throwIntoGather(_ gather: GatherPointer, _ error: Object) -> PySendResult {
  let wasWaiting = gather.pointee.stage == Stage.waiting
  gather.pointee.stage = Stage.done
  if wasWaiting, let parts = gather.pointee.parts {
    py_keep(parts)
    let cancels = isCancelledError(error)
    for index in 0..<gather.count {
      let task = gather.task(index)
      guard task.pointee.callback == gather.object else { continue }
      task.pointee.callback = nil
      py_drop(gather)
      if cancels, cancel(task) < 0 { PyErr_Clear() }
    }
    py_drop(parts)
  }
  drop(&gather.pointee.parts)
  raise(keep(error))
  return PYGEN_ERROR
}

func drop(_ field: inout Object?) {
  guard let object = field else { return }
  field = nil
  py_drop(object)
}
