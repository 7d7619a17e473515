/// A flag that coroutines can wait for. Python: `Event`.
///
/// It begins cleared. Setting it wakes all who wait, in the order in which they came; waiting for an event that is set
/// does not suspend at all.
///
/// Not for interrupts: they set a ``ThreadSafeFlag``.
public final class Event: Waitable {
  /// Whether the event is set. Python: `is_set()`.
  public private(set) var isSet = false

  /// A cleared event.
  public override init() {}

  /// Sets the event, and wakes all who wait for it, in the order in which they came. Python: `set()`.
  public func set() {
    isSet = true
    while wakeFirst() {}
  }

  /// Clears the event. Those who were woken already stay woken. Python: `clear()`.
  public func clear() { isSet = false }

  /// Waits until the event is set; if it is, returns at once without letting others run.
  ///
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile. Nothing is lost by that.
  ///
  /// Python: `wait()`.
  #if !UASYNCIO_BOARD
    @inline(__always)
  #endif
  public nonisolated(nonsending) func wait() async throws(TaskError) {
    if isSet { return }
    try Loop.shared.beginWait(.waiting, in: waiters)
    await park()
    try Loop.shared.endWait()
  }
}
