import UAsyncIO

@LoopActor private func pump() async throws {
  for _ in 0..<3 { try await sleep(1) }
  throw Spilled()
}

@LoopActor private func watch() async throws {
  do {
    try await sleep(100)
  } catch {
    print("the watch is told")
    throw error
  }
}

@LoopActor private func ask(_ server: String) async throws -> Int {
  try await sleep(server.count)
  return server.count
}

@LoopActor
func aGroup() async throws {
  do {
    try await withLoopTaskGroup { group in
      try group.createTask { try await pump() }
      try group.createTask { try await watch() }
    }
  } catch let failure as TaskGroupError {
    print(failure)
  }
}

@LoopActor
func aCollectingGroup() async throws {
  let servers = ["lima", "oslo one", "rio"]
  let answers = try await withLoopTaskGroup(collecting: Int.self) { group in
    for server in servers { try group.createTask { try await ask(server) } }
  }
  print(answers)
}

@LoopActor
func aBackgroundTask() async throws {
  try await withLoopTaskGroup { group in
    try group.createBackgroundTask {
      for try await tick in try ticker(every: .seconds(1)) { print("still at it, \(tick.number) s") }
    }
    try await sleep(2.5)
  }
}

@LoopActor
func aShield() async throws {
  @LoopActor func save() async throws {
    try await sleep(2)
    print("saved")
  }
  let saving = createTask {
    try await shield { try await save() }
  }
  try await sleep(1)
  saving.cancel()
  print(await saving.result)
  try await sleep(2)
}

@LoopActor
func theFirstOfSome() async throws {
  let servers = ["lima", "oslo one", "rio"]
  let tasks = servers.map { server in createTask { try await ask(server) } }
  let (done, pending) = try await wait(for: tasks, until: .firstCompleted)
  print("\(done.count) answered, \(pending.count) not yet")
  for try await task in asCompleted(tasks) {
    print(try await task.value)
  }
}
