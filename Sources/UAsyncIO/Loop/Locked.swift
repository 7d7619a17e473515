import CUAsyncIO

/// A value that several threads share, behind a lock.
///
/// The system's lock and not `Synchronization.Mutex`: the thread sanitizer knows the one and does not see the other, and a
/// library like this one has to be checked by it.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = uasyncio_lock_create()
  @exclusivity(unchecked) private var value: Value

  package init(_ value: sending Value) { self.value = value }

  deinit { uasyncio_lock_destroy(lock) }

  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    uasyncio_lock(lock)
    defer { uasyncio_unlock(lock) }
    return body(&value)
  }

  /// The same with something that the value is to take in: a closure could only copy what it captures.
  func withLock<Input, Result>(_ input: consuming Input, _ body: (inout Value, consuming Input) -> Result) -> Result {
    uasyncio_lock(lock)
    defer { uasyncio_unlock(lock) }
    return body(&value, input)
  }
}
