// Streams whose user is cancelled at every point: each scenario is run again and again, and its victim is cancelled a turn
// later each time, until it has ended before. In virtual time, under seeds, with real connections: on the loopback what has
// been sent is there at once, and each turn asks the kernel, so a run differs from the next by nothing but its seed.

import UAsyncIO

@_silgen_name("test_faults") private func setFaults(_ wanted: Bool)
@_silgen_name("test_small_buffers") private func setSmallBuffers(_ wanted: Bool)
@_silgen_name("test_open_descriptors") func openDescriptors() -> Int32

/// What one task does with connections, among others.
class Scenario {
  let listener: TcpListener

  init(_ listener: TcpListener) { self.listener = listener }

  /// Makes the connections and the others.
  func prepare() async throws(TaskError) {}
  /// What the victim does.
  func victim() async throws(TaskError) {}
  /// What must hold once it has ended. Leaves nothing open and nobody behind.
  func check() async throws(TaskError) {}
}

private let seeds: UInt64 = 24

/// Returns whether there was something to cancel.
private func cancelled(_ scenario: Scenario, after turns: Int) async throws(TaskError) -> Bool {
  try await scenario.prepare()
  let victim = createTask { () throws(TaskError) in try await scenario.victim() }
  for _ in 0..<turns { try await sleep(0) }
  let wasRunning = victim.cancel()
  require(await victim.result.isCancelled == wasRunning, "cancelled if and only if it had not ended")
  try await scenario.check()
  return wasRunning
}

private func sweep(
  _ property: StaticString, atLeast points: Int, _ make: @escaping (TcpListener) -> Scenario
) throws(TaskError) {
  begin(property)
  var found = 0
  for seed in 0..<seeds {
    setFaults(seed % 2 == 1)
    let before = openDescriptors()
    var turns = 0
    var goesOn = true
    while goesOn {
      goesOn = try run(clock: .virtual, order: .seeded(seed &+ UInt64(turns) &* 0x1_0000), size: 8192) {
        () throws(TaskError) in
        let listener = try TcpListener(port: 0, loopbackOnly: true)
        return try await cancelled(make(listener), after: turns)
      }
      if goesOn { found += 1 }
      turns += 1
      require(openDescriptors() == before, "no descriptor is left open")
      var left = 0
      forEachTask { _ in left += 1 }
      require(left == 0, "nobody is left behind")
      if hasFailed { return say("  cancelled after ", turns - 1, " turns, under seed ", Int(seed)) }
    }
  }
  setFaults(false)
  require(found >= points, "there are as many points as that")
}

func sweeps() throws(TaskError) {
  try sweep("a cancelled read loses no byte", atLeast: 60) { Reading($0, size: 32) }
  try sweep("a cancelled read of one byte loses none", atLeast: 60) { Reading($0, size: 1) }
  try sweep("a cancelled readLine loses no byte", atLeast: 60) { ReadingLines($0, size: 32) }
  try sweep("a cancelled accept loses no connection", atLeast: 20) { Accepting($0) }
  try sweep("a cancelled connect leaves nothing open, and the next one is served", atLeast: 12) { Connecting($0) }
  setSmallBuffers(true)
  try sweep("a cancelled write has written a beginning, and what is written next follows it", atLeast: 60) {
    Writing($0)
  }
  try sweep("messages of several writers stay whole, whoever is cancelled", atLeast: 60) { WritingBeside($0) }
  setSmallBuffers(false)
}
