import BareHop

/// What a suspension costs with Swift's runtime and no library at all: see BareHop.
let floors: [String: @Sendable (Int) -> Measurement] = [
  "bareHop": { count in
    let watch = Watch()
    runBare {
      watch.time.start()
      for _ in 0..<count { await bareHop() }
      watch.time.stop()
    }
    return Measurement(count, watch.time)
  },
  "bareSuspend": { count in
    let watch = Watch()
    runSuspending {
      watch.time.start()
      for _ in 0..<count { await bareSuspend() }
      watch.time.stop()
    }
    return Measurement(count, watch.time)
  },
]

private final class Watch: @unchecked Sendable {
  var time = Stopwatch()
}
