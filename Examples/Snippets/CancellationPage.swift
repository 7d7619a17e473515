import UAsyncIO

@LoopActor
func catchAndGoOn() async throws {
  let stubborn = createTask {
    do {
      try await sleep(3600)
    } catch is CancellationError {
      try await sleep(1)
    }
    return "done all the same"
  }
  try await sleep(1)
  stubborn.cancel()
  print(try await stubborn.value)
}

@LoopActor
func cancelOneself() async throws {
  let task = createTask {
    currentTask()?.cancel()
    print("still here")
    try await sleep(1)
    print("never here")
  }
  print(await task.result)
}

@LoopActor
func passedOn() async throws {
  let inner = createTask { try await sleep(3600) }
  let outer = createTask { try await inner.value }
  try await yieldNow()
  outer.cancel()
  _ = await outer.result
  print("inner has ended too: \(inner.isDone)")
}

@LoopActor
func cleanUpThatWaits() async throws {
  let visit = createTask {
    do {
      try await sleep(3600)
    } catch {
      try await waitFor(1) { try await sayGoodbye() }
      throw error
    }
  }
  try await yieldNow()
  visit.cancel()
  _ = await visit.result
}

@LoopActor
func sayGoodbye() async throws {
  try await sleepMs(10)
  print("goodbye")
}
