import Scheduler

/// A flag that coroutines can wait for. Python: `Event`.
///
/// It begins cleared. Setting it wakes all who wait, in the order in which they came; waiting for an event that is set
/// does not suspend at all.
///
/// To set it from another thread, hop to the loop: `await event.set()`.
public final class Event: Sendable {
  // Touched on the loop's thread only: the methods below see to that.
  private nonisolated(unsafe) var flag = false
  private nonisolated(unsafe) let waiters: UnsafeMutablePointer<WaitList>

  /// A cleared event.
  public init() {
    waiters = .allocate(capacity: 1)
    waiters.initialize(to: WaitList())
  }

  deinit { waiters.deallocate() }

  /// Whether the event is set. Python: `is_set()`.
  @LoopActor
  public var isSet: Bool { flag }

  /// Sets the event, and wakes all who wait for it, in the order in which they came. Python: `set()`.
  @LoopActor
  public func set() {
    flag = true
    let loop = Loop.shared
    while let node = waiters.pointee.front { loop.state.pointee.scheduler.wake(node, .event) }
  }

  /// Clears the event. Those who were woken already stay woken. Python: `clear()`.
  @LoopActor
  public func clear() { flag = false }

  /// Waits until the event is set; if it is, returns at once without letting others run.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile. Nothing is lost by that.
  ///
  /// Python: `wait()`.
  public nonisolated(nonsending) func wait() async throws {
    guard let loop = Loop.inTask else { return try await waitFromElsewhere() }
    if flag { return }
    try loop.beginWait(.waiting, in: waiters, until: Clock.never)
    await park()
    try loop.endWait()
  }

  @LoopActor
  private func waitFromElsewhere() async throws {
    if flag { return }
    let loop = Loop.shared
    _ = try await loop.wait { try $0.beginWait(.waiting, in: self.waiters, until: Clock.never) }
    try loop.endWait()
  }
}
