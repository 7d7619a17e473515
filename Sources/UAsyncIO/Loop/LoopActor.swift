import CUAsyncIO

/// The loop, as Swift sees it: a global actor that is its own executor.
///
/// Everything that a program does with this library happens on this actor, one step at a time, on the one thread that
/// called ``run(clock:order:onInterrupt:_:)-8gqc5``. So coroutines share plain mutable state without locks, and the compiler proves
/// that nothing else touches it.
///
/// You rarely write its name: the closures that you hand to `run`, `createTask` and `waitFor` are isolated to it
/// already. Annotate your own functions and types with `@LoopActor` where the compiler asks for it.
@globalActor
public final actor LoopActor: SerialExecutor {
  /// The only instance.
  // The compiler is told that it is always the same, or it would hop from it to it whenever one function of the loop is
  // inlined into another: 120 instructions each time. Then it counts references wrongly; nobody counts those to this object.
  public static var shared: LoopActor {
    @_effects(readnone) get {
      guard let actor = uasyncio_get_loop_actor() else { return LoopCore.installed.loopActor }
      return unsafeBitCast(actor, to: LoopActor.self)
    }
  }

  private init() {}

  static func makeImmortal() -> LoopActor {
    let example = LoopActor()
    return withExtendedLifetime(example) {
      return Unmanaged.fromOpaque(uasyncio_immortal(Unmanaged.passUnretained(example).toOpaque())).takeUnretainedValue()
    }
  }

  /// The actor itself: it is its own executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  /// Called by the Swift runtime when a task wants to go on here; from any thread.
  public nonisolated func enqueue(_ job: consuming ExecutorJob) {
    LoopCore.shared.arrive(UnownedJob(job))
  }

  /// Called by the Swift runtime to verify isolation where it does not know better.
  public nonisolated func checkIsolated() {
    precondition(uasyncio_on_loop_thread(), "not on the thread that runs the loop")
  }

  /// Called by the Swift runtime to ask about isolation where it does not know better.
  public nonisolated func isIsolatingCurrentContext() -> Bool? { uasyncio_on_loop_thread() }
}

/// The same executor once more, for tasks that prefer it: in virtual time and under a seeded order, native child tasks
/// and code that is isolated to nothing stay on the loop's thread too.
final class LoopTaskExecutor: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    LoopCore.shared.arrive(UnownedJob(job))
  }
}
