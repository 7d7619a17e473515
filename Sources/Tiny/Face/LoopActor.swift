@_exported import _Concurrency

/// Marks what belongs to the loop, as in the Swift face, so that sources can be shared.
///
/// There is one thread here, so nothing has to be marked: an async function without a mark runs where its caller runs,
/// and that is the cheaper spelling. A marked function is the same function, 30 bytes longer.
@globalActor
public final actor LoopActor: GlobalActor {
  public static let shared = LoopActor()

  init() {}

  public nonisolated var unownedExecutor: UnownedSerialExecutor { .loop }
}
