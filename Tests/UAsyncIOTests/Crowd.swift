#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Scheduler
import UAsyncIO
import UAsyncIOTesting

/// Coroutines of every kind that use one primitive and cancel each other as dice decide: tasks, tasks under a time limit,
/// native tasks and native children that are cancelled natively.
///
/// Everything that they do takes whole halves of a second, so a quarter later nobody has anything left to do: then
/// the referee looks.
@LoopActor
final class Crowd {
  private struct Member {
    let cancel: @LoopActor () -> Void
    let isDone: @LoopActor () -> Bool
  }

  private var dice: RandomSource
  private var members: [Member] = []
  /// What a member threw that none should.
  private var failure: (any Error)?

  init(seed: UInt64) { dice = RandomSource(seed: seed) }

  func roll(_ sides: Int) -> Int { dice.next(below: sides) }

  /// Nothing, a turn, or some time.
  func pause() async throws {
    switch roll(4) {
    case 0: break
    case 1: try await yieldNow()
    default: try await sleep(Double(roll(3)) * 0.5)
    }
  }

  /// Lets another one in.
  func add(_ body: @escaping @LoopActor () async throws -> Void) {
    let guarded: @LoopActor () async throws -> Void = {
      do {
        try await body()
      } catch let error as Broken {
        if self.failure == nil { self.failure = error }
      } catch is LoopError {
        if self.failure == nil { self.failure = Broken(description: "a member misused the primitive") }
      }
    }
    switch roll(12) {
    case 0...2:
      let limit = Double(roll(6)) * 0.5
      add(createTask { try await waitFor(limit) { try await guarded() } })
    case 3...5:
      var isDone = false
      let native = Task { @LoopActor in
        // In its first step the loop does not know yet what kind of native task it is, and may let others run at each
        // await: not what the models reckon with.
        do {
          try await yieldNow()
          try await guarded()
        } catch {}
        isDone = true
      }
      members.append(Member(cancel: { native.cancel() }, isDone: { isDone }))
    case 6:
      // Rarer than the others: as long as one is there, time passes slowly.
      add(
        createTask {
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await guarded() }
            try await group.waitForAll()
          }
        })
    default:
      add(createTask { try await guarded() })
    }
  }

  private func add(_ task: LoopTask<Void>) {
    members.append(Member(cancel: { task.cancel() }, isDone: { task.isDone }))
  }

  /// Cancels somebody, perhaps: the caller has just woken others, so that one of them may be hit before it runs.
  func disturb() {
    if roll(3) == 0 { members[roll(members.count)].cancel() }
  }

  func cancelAll() { for member in members { member.cancel() } }

  /// Looks on for so many half seconds: checks each time that things are as they must be between two moments, and then
  /// disturbs.
  func watch(_ times: Int, _ check: @LoopActor () throws -> Void) async throws {
    for _ in 0..<times {
      try await sleep(0.25)
      if let failure { throw failure }
      try check()
      try await sleep(0.25)
      disturb()
    }
  }

  /// Waits until all have ended by themselves: nothing may be parked for ever.
  func end(_ check: @LoopActor () throws -> Void = {}) async throws {
    try await sleep(0.25)
    for _ in 0..<200 where members.contains(where: { !$0.isDone() }) {
      try check()
      try await sleep(0.5)
    }
    if let failure { throw failure }
    let rest = taskReport().filter { $0.name != "main" }
    try require(members.allSatisfy { $0.isDone() } && rest.isEmpty, "parked for ever: \(rest)")
  }
}

/// Runs a program under many seeds, each of which decides its dice and the order of ready tasks.
///
/// `UASYNCIO_SEEDS` is how many there are; 200 if it is not set. `UASYNCIO_SEED` is the only one.
func underSeeds(_ program: @escaping @LoopActor (Crowd) async throws -> Void) async throws {
  func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
  let one = number("UASYNCIO_SEED").map { $0..<$0 + 1 }
  let seeds = one ?? 0..<(number("UASYNCIO_SEEDS") ?? 200)
  try await onLoopThread {
    for seed in seeds {
      try simulateSeeds(seed..<seed + 1, silence: .microseconds(50)) {
        getEventLoop().setExceptionHandler { _ in }
        try await program(Crowd(seed: seed))
      }
    }
  }
}
