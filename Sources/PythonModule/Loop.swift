// The loop of the Python face: one for the process, between the scheduler below and CPython's coroutines above.
//
// What it is
// ----------
// The scheduler decides which task is next, and when. `drive` (Drive.swift) asks it, and hands the task's coroutine to
// `PyIter_Send`. While it runs, the coroutine awaits one of our awaitables; that one files the running task (Filing.swift)
// and yields None, as MicroPython's do. There is no other way of waiting, and nothing of it is written in Python.
//
// Who owns what
// -------------
// A node in any place (ready queue, timers, a wait list, the poller) holds one reference to its task. Filing takes one,
// being run gives it back, and a node that moves takes its reference along. So a task that can run is kept by the loop;
// a task that waits for an event is kept by the event (for a flag, by the loop: anybody may set it); one that awaits another is kept by that one. When nobody can reach
// the event any more, nobody can wake the task either, and CPython's collector finds the cycle event, task, coroutine,
// event: each of our types that can be part of one says what it refers to.
//
// Rules
// -----
// * Everything happens with the interpreter's lock held, except for the sleep in the poller. There other threads may run:
//   they may only leave mail (Flags.swift), and that is all that they may do at any time while a loop runs. Each door
//   asks: `mayTouch`.
// * A call into Python may come back into here: a `run` inside a running task, a finalizer, a signal's handler. So no
//   state is held across such a call, and none is made from within the scheduler's own functions: not from the poller's
//   closures either, which is why signals are looked at by `drive`, woken by the alarm's node.
// * Drop references last. A drop can run a script's code.
//
// Cost: a switch between two tasks is one `PyIter_Send` and about thirty instructions of ours; nothing is allocated.

import CPythonModule
import Platform
import Scheduler

public typealias Object = UnsafeMutablePointer<PyObject>
public typealias TaskPointer = UnsafeMutablePointer<TaskObject>

struct LoopState: ~Copyable {
  var scheduler: Scheduler
  /// The task whose step this is.
  var current: TaskPointer?
  /// The thread that runs the loop; 0 while none does.
  var owner: UInt = 0
  /// How many runs are nested in each other.
  var depth = 0
  /// Whether the loop's thread is asleep in the poller.
  var isAsleep = false
  /// Whether somebody has said that there is something to do.
  var isRung = false
  /// Flags whose waiters are to be looked after.
  var mail: UnsafeMutablePointer<FlagObject>?
  var lastMail: UnsafeMutablePointer<FlagObject>?
  /// Who waits at each descriptor: reader, writer, reader, writer, …
  var watchers: UnsafeMutablePointer<TaskPointer?>?
  var watcherCapacity = 0
  var epoll: Epoll
  /// Wakes `drive` after each sleep, so that it looks at the signals.
  let alarm: NodePointer
  var isAlarmed = false
  var isVirtual = false
  /// Under virtual time: the instant at which the steps below were made, the steps, and how often the running one has asked
  /// for the time (Spinning.swift).
  var instant: Int64 = 0
  var steps = 0
  var readings = 0
  /// Whether a run was left by an exception that is not an `Exception`: a `KeyboardInterrupt`, say.
  var wasInterrupted = false
  var lastID: UInt32 = 0
}

/// The state of the process's loop, made by `uasyncio_install`.
var loop: UnsafeMutablePointer<LoopState> {
  @inline(__always) get { loop_state().unsafelyUnwrapped.assumingMemoryBound(to: LoopState.self) }
}

/// The types and names that the C half has made.
var shared: UnsafeMutablePointer<Shared> {
  @inline(__always) get { shared_state().unsafelyUnwrapped }
}

/// Makes the loop. Returns -1 with an exception where the process has no descriptors left.
@c(uasyncio_install)
public func install() -> Int32 {
  guard let epoll = Epoll() else {
    py_raise_system_error(24)
    return -1
  }
  let alarm = NodePointer.allocate(capacity: 1)
  alarm.initialize(to: Node(id: 0, phase: 0, flags: 0))
  let state = UnsafeMutablePointer<LoopState>.allocate(capacity: 1)
  state.initialize(
    to: LoopState(
      scheduler: Scheduler(
        clock: .monotonic(read: MonotonicClock.now, origin: MonotonicClock.now()), poller: .external(makePoller()),
        order: .fifo),
      epoll: epoll, alarm: alarm))
  set_loop_state(state)
  return 0
}

/// Makes a poller of its own for a process that was forked: the one that it has is its parent's too. Nobody watches
/// anything there any more.
@c(uasyncio_after_fork)
public func afterFork() -> Int32 {
  guard let epoll = Epoll() else {
    py_raise_system_error(24)
    return -1
  }
  loop.pointee.epoll = epoll
  loop.pointee.isAsleep = false
  return 0
}

// MARK: - Doors

/// Whether this thread may touch tasks and what they wait for; raises RuntimeError if another one runs the loop.
@inline(__always)
func mayTouch() -> Bool {
  let owner = loop.pointee.owner
  if owner == 0 || owner == py_thread() { return true }
  _ = py_error(
    py_runtime_error(), "the event loop runs in another thread; only ThreadSafeFlag.set() may be called from this one")
  return false
}

/// Nanoseconds since the loop began.
var now: Int64 { loop.pointee.scheduler.clock.now }

// MARK: - Seams

private func makePoller() -> ExternalPoller {
  ExternalPoller(
    hasMail: { loop.pointee.mail != nil },
    takeMail: { scheduler in readMail(&scheduler) },
    poll: { limit, scheduler in poll(limit, &scheduler) },
    watch: { descriptor, interest, node in loop.pointee.epoll.watch(descriptor, interest, node) },
    unwatch: { descriptor, interest, node in loop.pointee.epoll.unwatch(descriptor, interest, node) })
}

/// Looks at the descriptors; where that may take time, without the interpreter's lock.
private func poll(_ limit: PollLimit, _ scheduler: inout Scheduler) {
  if case .instant = limit { return loop.pointee.epoll.wait(.instant, waking: &scheduler) }
  let began = MonotonicClock.now()
  loop.pointee.isAsleep = true
  let thread = PyEval_SaveThread()
  loop.pointee.epoll.wait(limit, waking: &scheduler)
  PyEval_RestoreThread(thread)
  loop.pointee.isAsleep = false
  readMail(&scheduler)
  // A sleep that lasted its time was not broken off by a signal.
  if case .nanoseconds(let nanoseconds) = limit, MonotonicClock.now() - began >= nanoseconds { return }
  if !loop.pointee.isAlarmed {
    loop.pointee.isAlarmed = true
    scheduler.wake(loop.pointee.alarm, .event)
  }
}

/// Chooses clock and order; a negative seed is the order of arrival. Virtual time begins at zero if nobody sleeps; otherwise
/// the loop's time goes on from where it is.
@c(uasyncio_configure)
public func configure(_ isVirtual: Int32, _ seed: Int64) -> Int32 {
  guard mayTouch() else { return -1 }
  guard loop.pointee.depth == 0 else {
    _ = py_error(py_runtime_error(), "clock and order cannot change while the loop runs")
    return -1
  }
  let time = isVirtual != 0 && loop.pointee.scheduler.lot.timerCount == 0 ? 0 : now
  loop.pointee.isVirtual = isVirtual != 0
  loop.pointee.scheduler.configure(
    clock: isVirtual != 0
      ? .virtual(now: time) : .monotonic(read: MonotonicClock.now, origin: MonotonicClock.now() - time),
    poller: .external(makePoller()),
    order: seed < 0 ? .fifo : .seeded(RandomSource(seed: UInt64(seed))))
  return 0
}

/// Nanoseconds of the loop's time.
@c(uasyncio_now)
public func loopTime() -> Int64 { now }

/// Whether the clock is virtual.
@c(uasyncio_is_virtual)
public func isVirtual() -> Int32 { loop.pointee.isVirtual ? 1 : 0 }

/// Lets virtual time pass while the running task blocks: what `time.sleep` does to a virtual clock. In real time it has
/// passed already.
///
/// What has become due meanwhile comes before whatever the task makes ready after that: MicroPython runs what is ready
/// in the order of the times at which it became so. Does nothing in another thread than the loop's.
@c(uasyncio_pass_time)
public func passTime(_ nanoseconds: Int64) {
  let owner = loop.pointee.owner
  guard owner == 0 || owner == py_thread() else { return }
  loop.pointee.scheduler.passTime(nanoseconds)
}
