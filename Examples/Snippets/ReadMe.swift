import UAsyncIO
import UAsyncIOTesting

func firstProgram() throws {
  try run {
    var gold = 0
    let miners = ["Ada", "Bob"].map { name in
      createTask {
        for _ in 1...3 {
          try await sleep(1)
          gold += 1
          print("\(name) digs, \(gold) in the chest")
        }
      }
    }
    _ = try await gather(miners)
  }
}

final class Baton { var hands: [String] = [] }

func carry(_ baton: Baton, _ name: String) async throws {
  try await sleep(1)
  baton.hands.append(name)
}

@LoopActor
func race(_ baton: Baton) async throws {
  let anchor = createTask { try await carry(baton, "anchor") }
  try await carry(baton, "starter")
  try await anchor.value
}

@LoopActor
func relay() async throws {
  let baton = Baton()
  try await race(baton)
  print(baton.hands.count, "have carried the baton")
}

func anHourPasses() throws {
  let ticks = try simulate {
    var ticks = 0
    let clock = createTask {
      while true {
        try await sleep(1)
        ticks += 1
      }
    }
    try await sleep(3600.5)
    clock.cancel()
    _ = await clock.result
    return ticks
  }
  print("\(ticks) ticks")
}
