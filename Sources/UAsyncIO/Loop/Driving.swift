// Running the loop: `drive` pulls nodes from the scheduler and runs their jobs.

import CPlatform
import CUAsyncIO
import Platform
import Scheduler

extension LoopCore {
  /// Runs tasks until `target` has finished. Returns false if that cannot happen: nothing is ready, and nothing can
  /// become so.
  func drive(until target: RecordPointer) -> Bool {
    let outer = state.pointee.running
    if let outer { state.pointee.standing.append(outer) }
    let hosts = state.pointee.hosts
    state.pointee.running = nil
    state.pointee.hosts = []
    let workers = state.pointee.workers.drive
    state.pointee.workers.drive = WorkerDrive(target: target)
    state.pointee.calls.makeReady(in: &state.pointee.scheduler)
    defer {
      if outer != nil { state.pointee.standing.removeLast() }
      state.pointee.running = outer
      state.pointee.hosts = hosts
      state.pointee.workers.drive = workers
    }
    while target.pointee.phase != .finished {
      guard let node = state.pointee.workers.takeLeftOver() ?? state.pointee.scheduler.next() else { return false }
      step(RecordPointer(node: node))
    }
    return true
  }

  /// Runs one step of one task: from where it was suspended to where it is suspended next.
  @inline(__always)
  func step(_ record: RecordPointer) {
    state.pointee.tally.steps &+= 1
    if record.pointee.flags.contains(.notATask) { return call(record) }
    state.pointee.running = record
    if !state.pointee.attention.isEmpty { prepare(record) }
    record.pointee.phase = .running
    if record.pointee.isUnborn { bind(record) }
    if record.pointee.flags.contains(.prefersLoop) {
      // The runtime compares both executors, and where they differ from what the task wants it sends it round again.
      record.pointee.job.runSynchronously(
        isolatedTo: state.pointee.executor, taskExecutor: Self.installed.taskExecutor.asUnownedTaskExecutor())
    } else {
      record.pointee.job.runSynchronously(on: state.pointee.executor)
    }
    if !state.pointee.hosts.isEmpty { leaveGuests() }
    // A worker may have gone on with other tasks after this one: then it has settled this one itself.
    if let last = state.pointee.running { settle(last) }
  }

  /// What there is to do after a step.
  @inline(__always)
  func settle(_ record: RecordPointer) {
    // From here on it is not running: a job that arrives, now or with the mail, has come back from elsewhere.
    state.pointee.running = nil
    let phase = record.pointee.phase
    if phase == .running { noteDeparture(record) }
    if !state.pointee.attention.isEmpty { attend(record) }
    if phase == .finished {
      state.pointee.tally.alive -= 1
      TaskObject.from(record).release()
    }
  }

  /// What there is to do before a step, and after it, when something asks for attention.
  func prepare(_ record: RecordPointer) {
    if state.pointee.attention.contains(.observer) { observe(record, isOver: false) }
    if state.pointee.attention.contains(.measuring) { beginMeasuring() }
  }

  func attend(_ record: RecordPointer) {
    if state.pointee.attention.contains(.measuring) { endMeasuring(record) }
    if state.pointee.attention.contains(.observer) { observe(record, isOver: true) }
    if state.pointee.attention.contains(.unretrieved) { reportUnretrieved(afterRun: false) }
  }

  // MARK: - The seams

  /// Chooses clock and order. The loop's time goes on from where it is.
  func configure(clock: LoopClock, order: LoopOrder, simulation: SimulatedPoller?) throws(LoopError) {
    let external = try externalPoller()
    state.pointee.hasRemarkedSilence = false
    Births.keepChildrenOnLoop(clock == .virtual || order != .fifo)
    state.pointee.scheduler.configure(
      clock: schedulerClock(clock),
      poller: simulation.map { .simulated($0, behind: external) } ?? .external(external),
      order: order.schedulerOrder)
  }

  private func schedulerClock(_ clock: LoopClock) -> Clock {
    let now = state.pointee.scheduler.clock.now
    switch (clock, state.pointee.scheduler.clock) {
    case (.virtual, _): return .virtual(now: now)
    case (.real, .monotonic(let read, let origin)): return .monotonic(read: read, origin: origin)
    case (.real, .virtual): return .monotonic(read: MonotonicClock.now, origin: MonotonicClock.now() - now)
    }
  }

  private func externalPoller() throws(LoopError) -> ExternalPoller {
    if state.pointee.epoll == nil {
      platform_occupy_standard_descriptors()
      guard let epoll = Epoll() else { throw .noDescriptorsLeft }
      state.pointee.epoll = epoll
      uasyncio_set_doorbell(epoll.doorbell)
    }
    let epoll = state.pointee.epoll.unsafelyUnwrapped
    let loop = self
    return ExternalPoller(
      hasMail: { Mailbox.hasMail },
      takeMail: { scheduler in loop.readMail(into: &scheduler) },
      poll: { limit, scheduler in loop.poll(epoll, limit, &scheduler) },
      watch: { descriptor, interest, node in epoll.watch(descriptor, interest, node) },
      unwatch: { descriptor, interest, node in epoll.unwatch(descriptor, interest, node) })
  }

  private func poll(_ epoll: Epoll, _ limit: PollLimit, _ scheduler: inout Scheduler) {
    switch limit {
    case .instant:
      break
    case .nanoseconds, .forever:
      guard mailbox.prepareToSleep() else { return readMail(into: &scheduler) }
    }
    if case .forever = limit, scheduler.clock.isVirtual {
      waitInVirtualTime(epoll, &scheduler)
    } else {
      epoll.wait(limit, waking: &scheduler)
    }
    readMail(into: &scheduler)
  }

  /// Waits without limit for what is outside, in a run that ought to take no time: where that takes long, it says so,
  /// once, on the standard error stream. A test that hangs is a riddle otherwise.
  private func waitInVirtualTime(_ epoll: Epoll, _ scheduler: inout Scheduler) {
    let patience = scheduler.silence * 250
    epoll.wait(.nanoseconds(patience), waking: &scheduler)
    guard !scheduler.hasReady, !Mailbox.hasMail, !state.pointee.hasRemarkedSilence else { return }
    state.pointee.hasRemarkedSilence = true
    let lines = report(in: scheduler).map { "  \($0)\n" }.joined()
    uasyncio_write_error(
      "virtual time stands still: for \(Duration.nanoseconds(patience)) nothing has come from outside\n" + lines)
  }
}
