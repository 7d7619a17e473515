import Scheduler
import Synchronization

/// Catches some signals, and gives them to a loop. Python: `Loop.add_signal_handler`; trio: `open_signal_receiver`.
///
/// ```swift
/// for try await signal in signals(.terminate, .hangup) {
///   if signal == .terminate { break }
///   try await readConfiguration()
/// }
/// ```
///
/// From the call on the signals do not have their default effect. It ends with the sequence: when the last one that catches
/// a signal is gone (the loop over it left, the variable out of scope), the signal has its former disposition back. If
/// several sequences catch the same signal, each of them gets it.
///
/// Signals that come while nobody awaits are kept, each of them once however often it has come: the system itself
/// promises no more. Different ones that have come meanwhile are delivered in the order of their numbers.
///
/// A signal that cannot be caught is an error of the first `await`.
///
/// In virtual time nothing waits for a signal, as with ``ThreadSafeFlag``.
public func signals(_ signals: UnixSignal...) -> SignalSequence { SignalSequence(signals) }

/// Signals as they come; see ``signals(_:)``.
public struct SignalSequence: Sendable {
  private let subscription: SignalSubscription

  /// Catches signals from now on; see ``signals(_:)``.
  public init(_ signals: [UnixSignal]) { subscription = SignalSubscription(signals) }

  /// Gives the signals of one sequence; where there are several, each signal goes to one of them.
  @LoopActor
  public struct Iterator {
    fileprivate let subscription: SignalSubscription

    /// Waits for a signal.
    ///
    /// - Returns: the signal; never nil.
    /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile: a signal that has come is kept then, for
    ///   whoever goes on with the sequence; ``LoopError/cannotCatch(_:reason:)``.
    public mutating func next() async throws -> UnixSignal? { try await subscription.next() }
  }

  @LoopActor
  public func makeAsyncIterator() -> Iterator { Iterator(subscription: subscription) }
}

extension SignalSequence: @LoopActor AsyncSequence {}

extension SignalSequence.Iterator: @LoopActor AsyncIteratorProtocol {}

/// What keeps signals caught: as long as it lives, they are.
private final class SignalSubscription: Sendable {
  private let inbox = SignalInbox()
  private let refusal: LoopError?

  init(_ signals: [UnixSignal]) {
    refusal = SignalHub.shared.subscribe(inbox, to: signals)
  }

  deinit { SignalHub.shared.unsubscribe(inbox) }

  @LoopActor
  func next() async throws -> UnixSignal {
    if let refusal { throw refusal }
    while true {
      if let signal = inbox.take() { return signal }
      try await inbox.flag.wait(.signal)
    }
  }
}

/// The signals that one subscription has not delivered yet.
final class SignalInbox: Sendable {
  let flag = ThreadSafeFlag()
  /// Signal n is bit n - 1.
  private let pending = Atomic<UInt64>(0)

  func put(_ signals: UInt64) {
    pending.bitwiseOr(signals, ordering: .releasing)
    flag.set()
  }

  /// Takes the one with the lowest number.
  func take() -> UnixSignal? {
    let signals = pending.load(ordering: .acquiring)
    guard signals != 0 else { return nil }
    let lowest = signals.trailingZeroBitCount
    // Only the loop's thread takes; what is added meanwhile stays.
    pending.bitwiseAnd(~(1 << UInt64(lowest)), ordering: .relaxed)
    return UnixSignal(rawValue: Int32(lowest) + 1)
  }
}
