import UAsyncIO

// What optimized code may do, and other code does not: end a task's object as soon as nobody will use the handle again.
// The value lies in that object, so whoever reads it must hold the object until the value has been copied. Each function
// below uses a handle for the last time where it reads the value. None is inlined, lest the compiler know the value.
//
// Reading too late is reading memory that has been freed: Scripts/check-budgets runs this under valgrind as well.

/// An object that tells by its number whether it is alive.
final class Living: Sendable {
  private nonisolated(unsafe) var number = 42

  deinit { number = 0 }

  func check() throws { try WrongResult.check(number, is: 42) }
}

/// The same for a value that must not leave the loop.
final class Resident {
  private var number = 42

  deinit { number = 0 }

  func check() throws { try WrongResult.check(number, is: 42) }
}

struct Holder: Sendable {
  let living: Living
}

struct WideHolder: Sendable {
  let numbers = (1, 2, 3, 4, 5)
  let living: Living
}

struct ResidentHolder {
  let resident: Resident
  let number: Int
}

struct Numbers: Sendable {
  let first = 1
  let second = 2
}

/// Reads values by handles that nobody uses again.
func readLastValues(_ count: Int) throws {
  try run {
    for _ in 0..<count {
      try await readObjects()
      try await readStructs()
      try await readInOtherWays()
      try await readHandedOver()
    }
  }
}

@LoopActor @inline(never)
private func readObjects() async throws {
  try await createTask { Living() }.value.check()
  try await createTask { Resident() }.value.check()
  let waits = createTask {
    try await yieldNow()
    return Living()
  }
  try await waits.value.check()
}

@LoopActor @inline(never)
private func readStructs() async throws {
  try await createTask { Holder(living: Living()) }.value.living.check()
  try await createTask { WideHolder(living: Living()) }.value.living.check()
  try await createTask { ResidentHolder(resident: Resident(), number: 1) }.value.resident.check()
  let both = try await createTask { (Resident(), Holder(living: Living())) }.value
  try both.0.check()
  try both.1.living.check()
}

@LoopActor @inline(never)
private func readInOtherWays() async throws {
  let finished = createTask { Resident() }
  try await yieldNow()
  try await yieldNow()
  try await finished.value.check()
  try await createTask { Holder(living: Living()) }.result.get().living.check()
  try await gather([createTask { Resident() }, createTask { Resident() }]).forEach { try $0.check() }
  try await gather({ Living() }, { Resident() }).1.check()
  try await waitFor(5) { Resident() }.check()
  try await waitFor(5) { Holder(living: Living()) }.living.check()
  try await withTimeout(.seconds(5)) { _ in ResidentHolder(resident: Resident(), number: 1) }.resident.check()
}

@LoopActor @inline(never)
private func readHandedOver() async throws {
  try WrongResult.check(try await createTask { 42 }.value, is: 42)
  try WrongResult.check(try await createTask { Numbers() }.value.second, is: 2)
  try await value(of: createTask { Living() }).check()
  try await value(of: createTask { Resident() }).check()
  try WrongResult.check(try await value(of: createTask { Numbers() }).second, is: 2)
  try await valueOfAny(createTask { Resident() }).check()
  try WrongResult.check(try await valueOfAny(createTask { Numbers() }).second, is: 2)
  var tasks = [createTask { Living() }, createTask { Living() }]
  while let task = tasks.popLast() { try await task.value.check() }
}

@LoopActor @inline(never)
private func value(of task: consuming LoopTask<Living>) async throws -> Living { try await task.value }

@LoopActor @inline(never)
private func value(of task: consuming LoopTask<Resident>) async throws -> Resident { try await task.value }

@LoopActor @inline(never)
private func value(of task: consuming LoopTask<Numbers>) async throws -> Numbers { try await task.value }

@LoopActor @inline(never)
private func valueOfAny<Value>(_ task: consuming LoopTask<Value>) async throws -> Value { try await task.value }
