import CUAsyncIO
import Scheduler

/// A flag that coroutines can wait for. Python: `Event`.
///
/// It begins cleared. Setting it wakes all who wait, in the order in which they came; waiting for an event that is set
/// does not suspend at all.
///
/// To set it from another thread, hop to the loop: `await event.set()`.
public final class Event: Sendable {
  // Touched on the loop's thread only: the methods below see to that.
  @exclusivity(unchecked) nonisolated(unsafe) var flag = false
  @usableFromInline let waiters = Waiters()

  /// A cleared event.
  public init() {}

  /// Whether the event is set. Python: `is_set()`.
  @LoopActor
  public var isSet: Bool { flag }

  /// Sets the event, and wakes all who wait for it, in the order in which they came. Python: `set()`.
  @LoopActor
  public func set() {
    flag = true
    waiters.wakeAll()
  }

  /// Clears the event. Those who were woken already stay woken. Python: `clear()`.
  @LoopActor
  public func clear() { flag = false }

  /// Waits until the event is set; if it is, returns at once without letting others run.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile. Nothing is lost by that.
  ///
  /// Python: `wait()`.
  @inlinable
  public nonisolated(nonsending) func wait() async throws {
    if isSetAtOnce() { return }
    guard try LoopCore.beginWaitInTask(.event, in: waiters.list) else { return try await waitFromElsewhere() }
    await park()
    try LoopCore.endWaitInTask()
  }

  /// Whether the event is set, if this is the loop's thread.
  @usableFromInline
  func isSetAtOnce() -> Bool { uasyncio_on_loop_thread() && flag }

  @usableFromInline
  nonisolated(nonsending) func waitFromElsewhere() async throws {
    try await waiters.takeTurn(.event, ifNot: { flag }, passOn: {})
  }
}
