// Without NonisolatedNonsendingByDefault an unannotated async function runs on the global pool: no plain state for it.
// expect: sending 'baton' risks causing data races
import UAsyncIO

final class Baton { var hands: [String] = [] }

func carry(_ baton: Baton, _ name: String) async throws {
  try await sleep(1)
  baton.hands.append(name)
}

@LoopActor
func race(_ baton: Baton) async throws {
  try await carry(baton, "starter")
}
