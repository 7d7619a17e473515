// Waiting for tasks to end: for several at once, and for one with a time limit.
//
// A node can be in one wait list only. So each awaited task gets a proxy in its list of joiners: a node that is never run, and
// that tells the gathering instead. The gathering's own list holds the one task that gathers; to the scheduler that is a wait
// like any other. A time limit is that wait's deadline: `waitFor` gathers one task.
//
// Whatever ends the wait, cancellation included, it is over only when what was awaited has come to its end:
//
//     all have ended, or one has failed    that, even when the limit passed in the same instant
//     the caller was cancelled             those that have not ended are cancelled; `.cancelled`, whatever they make of it
//     a cancellation was passed on         the same: `Loop.cancelAll` has cancelled them already
//     the limit passed                     the task is cancelled, perhaps again; if that is what ended it, `.timedOut`
//     one comes to await the caller        there is no end to wait for: `.awaitsItself`
//
// The gathering and its proxies lie among the frames of the task that gathers, so they cost no allocation, and they
// count in what that task needs: 24 bytes for each task gathered and 40 beside, on a 32-bit machine. They are given back
// in the function that took them: that is what the runtime's "last in, first out" asks for.

import CTiny
import Scheduler

typealias GatheringPointer = UnsafeMutablePointer<Gathering>

/// One task's wait for others.
struct Gathering {
  /// Holds the task that gathers. First, so that its address is the gathering's.
  fileprivate var list = WaitList()
  /// The first task that failed. Whoever gathers it holds it.
  fileprivate var failed: RecordPointer?
  fileprivate var count = 0
  /// How many of the awaited tasks have not finished.
  fileprivate var remaining = 0
  fileprivate var deadline: Int64
  /// Whether the first failure ends the wait.
  fileprivate var failsFast: Bool
  fileprivate var wasCancelled = false
  fileprivate var timedOut = false
  // In how many more turns the tasks may be let run at the deadline. A bound, so that tasks which keep waking each other
  // without time passing cannot put the end off for ever.
  fileprivate var allowances: UInt8 = 100

  /// A proxy is as much of a node as wait lists touch, and behind it the gathering.
  fileprivate static var proxyBytes: Int { Node.bytesInLists + MemoryLayout<GatheringPointer>.size }

  /// Begins to wait for at most so many tasks.
  @inline(never)
  static func begin(capacity: Int, failsFast: Bool, deadline: Int64 = Clock.never) -> GatheringPointer {
    let memory = tiny_frame_alloc(MemoryLayout<Gathering>.stride + capacity * proxyBytes).unsafelyUnwrapped
    return memory.initializeMemory(as: Gathering.self, to: Gathering(deadline: deadline, failsFast: failsFast))
  }

  /// A task that is being gathered has finished. Wakes the one who gathers, if that was what it waited for.
  static func taskFinished(_ record: RecordPointer, proxy node: NodePointer) {
    WaitList.remove(node)
    let gathering = place(in: node).pointee
    gathering.pointee.remaining &-= 1
    gathering.noteEnd(of: record)
    guard gathering.pointee.isOver, let waiter = gathering.pointee.list.front else { return }
    Loop.shared.wake(waiter, .event)
  }

  fileprivate static func place(in proxy: NodePointer) -> UnsafeMutablePointer<GatheringPointer> {
    (UnsafeMutableRawPointer(proxy) + Node.bytesInLists).assumingMemoryBound(to: GatheringPointer.self)
  }

  /// Whether there is nothing left to wait for.
  fileprivate var isOver: Bool { remaining == 0 || (failsFast && failed != nil) }
}

/// Waits until a gathering is over. What stands in an async function is compiled twice, before and behind its suspension;
/// so this is only the bare loop.
@inline(never)
nonisolated(nonsending) func wait(for gathering: GatheringPointer) async {
  while gathering.mustWait() {
    await park()
    gathering.endWait()
  }
}

extension GatheringPointer {
  private var list: UnsafeMutablePointer<WaitList> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: WaitList.self)
  }

  private func node(of index: Int) -> NodePointer {
    (UnsafeMutableRawPointer(self) + MemoryLayout<Gathering>.stride + index * Gathering.proxyBytes)
      .assumingMemoryBound(to: Node.self)
  }

  /// Adds a task to those awaited.
  @inline(never)
  func add(_ object: TaskObject) {
    if object.record.phase == .finished {
      object.record.flags.insert(.retrieved)
      return noteEnd(of: object.pointer)
    }
    let proxy = node(of: pointee.count)
    Node.initialize(inListsOnly: proxy, flags: TaskFlags.proxy.rawValue)
    Gathering.place(in: proxy).initialize(to: self)
    WaitList.append(proxy, to: object.pointer.joiners)
    pointee.count &+= 1
    pointee.remaining &+= 1
  }

  fileprivate func noteEnd(of record: RecordPointer) {
    if pointee.failed == nil, record.hasFailed { pointee.failed = record }
  }

  /// Files the running task, if there is something to wait for. Returns whether it is to be suspended.
  @inline(never)
  fileprivate func mustWait() -> Bool {
    let loop = Loop.shared
    while !pointee.isOver, !lead(to: loop.running) {
      do throws(TaskError) {
        try loop.beginWait(.gathering, in: list, until: pointee.deadline)
        loop.state.pointee.scheduler.endTurn(ifDue: pointee.deadline)
        return true
      } catch {
        // It was there before the wait could begin. The others have to end all the same.
        giveUp(&pointee.wasCancelled)
      }
    }
    return false
  }

  /// The wait is over for now: cancels the others if there is a reason to.
  @inline(never)
  fileprivate func endWait() {
    let loop = Loop.shared
    if loop.take(.cancelPassedOn) {
      pointee.wasCancelled = true
      pointee.failsFast = false
    }
    if loop.take(.cancelPending) { return giveUp(&pointee.wasCancelled) }
    guard loop.wakeReason == .deadline, pointee.deadline != Clock.never else { return }
    if pointee.allowances > 0, lead(to: nil) {
      // What a task waits for is there in this very instant, or it has not begun: it just has not had its turn.
      pointee.allowances &-= 1
      pointee.deadline = loop.now
    } else {
      pointee.deadline = Clock.never
      giveUp(&pointee.timedOut)
    }
  }

  /// Cancels those that have not finished, and notes why. From now on only the end of all counts.
  @inline(never)
  private func giveUp(_ reason: inout Bool) {
    reason = true
    pointee.failsFast = false
    var list = unfinished
    Loop.shared.cancelAll(in: &list)
  }

  private var unfinished: RecordList {
    var list = RecordList()
    appendUnfinished(to: &list)
    return list
  }

  /// Adds the tasks that are still awaited to a list, the last one first.
  @inline(never)
  func appendUnfinished(to list: inout RecordList) {
    var index = pointee.count
    while index > 0 {
      index -= 1
      if let joiners = node(of: index).pointee.list { list.append(RecordPointer(joiners: joiners)) }
    }
  }

  /// Whether one of those awaited waits, directly or through others, for `waiter` to end; without one, whether such a task is
  /// owed a step.
  @inline(never)
  private func lead(to waiter: RecordPointer?) -> Bool {
    var list = unfinished
    return list.leads(to: waiter)
  }

  /// Leaves the lists that are still waited in, and gives the memory back.
  ///
  /// - Throws: what the caller of ``wait(for:)`` has to throw.
  @inline(never)
  func end() throws(TaskError) {
    let isOver = pointee.isOver
    for index in 0..<pointee.count { WaitList.remove(node(of: index)) }
    // Its bytes are still what they were: nothing else runs before this function returns.
    tiny_frame_free(self)
    let failed = pointee.failed
    if pointee.wasCancelled { throw .cancelled }
    if pointee.failsFast, let failed {
      throw TaskObject.from(failed)._withUnsafeGuaranteedRef { $0.error.unsafelyUnwrapped }
    }
    if pointee.timedOut, !isOver || failed?.wasCancelled == true { throw .timedOut }
    if !isOver { throw .awaitsItself }
  }
}

extension Gathering {
  /// The gathering in whose list a task waits.
  static func from(_ list: UnsafeMutablePointer<WaitList>) -> GatheringPointer {
    UnsafeMutableRawPointer(list).assumingMemoryBound(to: Gathering.self)
  }
}
