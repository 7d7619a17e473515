import UAsyncIO

@LoopActor
func fromAnotherThread() async throws {
  let halfway = Event()
  let listener = createTask {
    try await halfway.wait()
    print("halfway there")
  }
  let worker = Task.detached {
    // On a thread of the global pool.
    var sum = (1...500).reduce(0, +)
    await halfway.set()
    sum += (501...1000).reduce(0, +)
    return sum
  }
  print("the sum is", await worker.value)
  try await listener.value
}

@LoopActor
func nativeChildren() async throws {
  async let first = square(3)
  async let second = square(4)
  print(try await first + second)
}

func square(_ number: Int) async throws -> Int {
  try await sleep(1)
  return number * number
}

@LoopActor
func limitAroundSomethingForeign() async throws {
  do {
    try await waitFor(7) { try await Task.sleep(for: .seconds(60)) }
  } catch is TimeoutError {
    print("too slow, and over")
  }
  try await sleep(1)
  print("the caller goes on as if nothing had happened")
}
