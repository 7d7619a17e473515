import Synchronization

/// An event, as it is usually written: a list of continuations behind a lock. It serves once.
final class Event: Sendable {
  private struct State {
    var isSet = false
    var waiters: [UnsafeContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func wait() async {
    await withUnsafeContinuation { continuation in
      let isSet = state.withLock { state in
        if !state.isSet { state.waiters.append(continuation) }
        return state.isSet
      }
      if isSet { continuation.resume() }
    }
  }

  func set() {
    let waiters = state.withLock { state in
      state.isSet = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
