// Who catches which signal.
//
// A signal interrupts some thread between any two of its instructions. All that its handler does (Sources/CUAsyncIO/
// Signals.c) is to set a bit for the signal and to raise a flag, as any thread raises one: ThreadSafeFlag.swift tells how
// that reaches the loop. There, in the next turn, the bits are given to those who have subscribed to the signal.
//
// The handler is installed for a signal when the first one subscribes, and its former disposition is restored when the last
// one is gone; the list of subscribers has a lock, since a sequence may be dropped on any thread.
//
// SIGINT has a second use: while a `run` catches it (Interrupts.swift), it cancels the run's main task. A subscriber comes
// first: as long as there is one, the run does not see it.
//
// Never: take the hub's lock in the handler, or call a coroutine with it taken.

import CUAsyncIO
import Scheduler

final class SignalHub: Sendable {
  static let shared = SignalHub()

  private struct Entry {
    var inboxes: [SignalInbox] = []
    /// Whether a run catches it: of SIGINT only.
    var cancelsRun = false

    var isUsed: Bool { !inboxes.isEmpty || cancelsRun }
  }

  private let entries = Locked<[Int32: Entry]>([:])

  /// Catches signals for an inbox: all of them or, where one is refused, none.
  func subscribe(_ inbox: SignalInbox, to signals: [UnixSignal]) -> LoopError? {
    let refusal = entries.withLock { entries -> LoopError? in
      for signal in Set(signals) {
        if let refusal = Self.add(signal, to: &entries, { $0.inboxes.append(inbox) }) { return refusal }
      }
      return nil
    }
    if refusal != nil { unsubscribe(inbox) }
    return refusal
  }

  func unsubscribe(_ inbox: SignalInbox) {
    entries.withLock { entries in
      for number in Array(entries.keys) {
        Self.remove(number, from: &entries) { $0.inboxes.removeAll { $0 === inbox } }
      }
    }
  }

  /// Has SIGINT reported to the loop. Returns false if the program does something of its own about it.
  func catchInterrupts() -> Bool {
    entries.withLock { entries in
      let signal = UnixSignal.interrupt
      guard uasyncio_signal_is_default(signal.rawValue) else { return false }
      return Self.add(signal, to: &entries) { $0.cancelsRun = true } == nil
    }
  }

  /// Ends that. Returns whether one has come that the run has not heard of.
  func releaseInterrupts() -> Bool {
    entries.withLock { entries in
      let number = UnixSignal.interrupt.rawValue
      let isOurs = entries[number]?.inboxes.isEmpty == true
      Self.remove(number, from: &entries) { $0.cancelsRun = false }
      return isOurs && uasyncio_signal_take_back(number)
    }
  }

  /// Gives those who have subscribed the signals that have come. Returns whether an interrupt was among them that is the
  /// run's.
  func deliver(_ signals: UInt64) -> Bool {
    entries.withLock { entries in
      var interruptsRun = false
      for (number, entry) in entries where signals >> UInt64(number - 1) & 1 != 0 {
        for inbox in entry.inboxes { inbox.put(1 << UInt64(number - 1)) }
        if entry.inboxes.isEmpty, entry.cancelsRun { interruptsRun = true }
      }
      return interruptsRun
    }
  }

  private static func add(
    _ signal: UnixSignal, to entries: inout [Int32: Entry], _ change: (inout Entry) -> Void
  ) -> LoopError? {
    if let reason = signal.refusal { return .cannotCatch(signal, reason: reason) }
    if entries[signal.rawValue] == nil {
      let error = uasyncio_signal_catch(signal.rawValue)
      if error != 0 { return .cannotCatch(signal, reason: String(cString: uasyncio_error_text(error))) }
    }
    change(&entries[signal.rawValue, default: Entry()])
    updateInterrupts(entries)
    return nil
  }

  private static func remove(_ number: Int32, from entries: inout [Int32: Entry], _ change: (inout Entry) -> Void) {
    guard var entry = entries[number] else { return }
    change(&entry)
    entries[number] = entry.isUsed ? entry : nil
    updateInterrupts(entries)
    if !entry.isUsed { uasyncio_signal_release(number) }
  }

  /// Tells the handler what an interrupt is for. One that was passed on to the run stays: the next one ends the program.
  private static func updateInterrupts(_ entries: [Int32: Entry]) {
    guard let entry = entries[UnixSignal.interrupt.rawValue], entry.cancelsRun, entry.inboxes.isEmpty else {
      return uasyncio_set_interrupts(UInt32(UASYNCIO_INTERRUPTS_PASSED_ON))
    }
    if uasyncio_get_interrupts() == UASYNCIO_INTERRUPTS_PASSED_ON {
      uasyncio_set_interrupts(UInt32(UASYNCIO_INTERRUPTS_CANCEL))
    }
  }
}

extension LoopCore {
  /// Gives the signals that have come to whom they are for. Called by the poller, on the loop's thread.
  func takeSignals(into scheduler: inout Scheduler) {
    let signals = uasyncio_signals_take()
    guard signals != 0, SignalHub.shared.deliver(signals), let target = state.pointee.interruptible else { return }
    state.pointee.wasInterrupted = true
    _ = cancel(target, in: &scheduler)
  }
}
