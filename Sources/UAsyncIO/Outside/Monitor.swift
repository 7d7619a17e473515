import CUAsyncIO

/// A value that several threads share, behind a lock, and that a thread can wait to see changed.
///
/// For threads that are not the loop's: that one waits in its poller and nowhere else.
final class Monitor<Value>: @unchecked Sendable {
  private let monitor = uasyncio_monitor_create()
  private var value: Value

  init(_ value: sending Value) { self.value = value }

  deinit { uasyncio_monitor_destroy(monitor) }

  func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    uasyncio_monitor_lock(monitor)
    defer { uasyncio_monitor_unlock(monitor) }
    return body(&value)
  }

  /// Changes the value, and lets the thread look again that waits.
  func change(_ body: (inout Value) -> Void) {
    withLock { value in
      body(&value)
      uasyncio_monitor_notify(monitor)
    }
  }

  /// Waits until `take` finds what it looks for, and returns that.
  ///
  /// - Parameter nanoseconds: how long to wait at most; nil is no limit.
  /// - Returns: nil when the time is over.
  func wait<Found>(atMost nanoseconds: Int64? = nil, for take: (inout Value) -> Found?) -> Found? {
    withLock { value in
      while true {
        if let found = take(&value) { return found }
        // A wait that was ended for no reason may begin anew: nothing depends on its exact length.
        guard uasyncio_monitor_wait(monitor, nanoseconds ?? -1) else { return take(&value) }
      }
    }
  }
}
