// The floor below the bare hop: a suspension by the runtime's own primitive. See BareSuspend.c.

/// Suspends, and is resumed by `runSuspending`.
@BareActor @_silgen_name("bare_suspend")
public func bareSuspend() async

private nonisolated(unsafe) var isOver = false

/// Runs the one task that there is until it ends.
public func runSuspending(_ body: @escaping @BareActor @Sendable () async -> Void) {
  isOver = false
  Task { @BareActor in
    await body()
    isOver = true
  }
  let executor = BareActor.shared.unownedExecutor
  let job = takeKept()
  while !isOver { job.runSynchronously(on: executor) }
}
