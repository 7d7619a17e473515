#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Synchronization
import UAsyncIO

/// One simulation at a time: a process has one loop.
enum TurnTaking {
  /// How many turns there have been, behind the lock that makes them turns.
  private static let turns = Locked(0)
  /// The thread whose turn it is; 0 is none.
  private static let holder = Atomic<UInt>(0)

  /// Waits until nobody has the loop, and then runs `body`. Within `body`, the thread has its turn already.
  static func whileAlone<Success>(_ body: () throws -> Success) throws -> Success {
    if ControlledRun.isOnLoopThread { throw LoopError.loopIsRunning }
    let me = UInt(pthread_self())
    if holder.load(ordering: .relaxed) == me { return try body() }
    // Nothing of what is made in here is touched by another thread.
    nonisolated(unsafe) var result: Result<Success, any Error>?
    nonisolated(unsafe) let body = body
    turns.withLock { turns in
      turns += 1
      holder.store(me, ordering: .relaxed)
      result = Result { try body() }
      holder.store(0, ordering: .relaxed)
    }
    return try result.unsafelyUnwrapped.get()
  }
}
