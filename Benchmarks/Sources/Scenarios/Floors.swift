import BareHop

// What a suspension costs with Swift's runtime and no library at all: see BareHop.

@Sendable func hopBare(_ count: Int, _: Int) -> Measurement {
  let watch = Watch()
  runBare {
    watch.time.start()
    for _ in 0..<count { await bareHop() }
    watch.time.stop()
  }
  return Measurement(count, watch.time)
}

@Sendable func suspendBare(_ count: Int, _: Int) -> Measurement {
  let watch = Watch()
  runSuspending {
    watch.time.start()
    for _ in 0..<count { await bareSuspend() }
    watch.time.stop()
  }
  return Measurement(count, watch.time)
}

private final class Watch: @unchecked Sendable {
  var time = Stopwatch()
}
