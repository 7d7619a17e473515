// Every function that takes a coroutine is handed closures that have captured something and such that have not, which
// return nothing, a word, and more than registers hold, and which throw, at once or after they were suspended. On RISC-V
// the compiler calls those that have captured nothing in a wrong way where nobody helps: see contract 9 in CTiny.h.

import UAsyncIO

struct Four: Equatable {
  var a = 1
  var b = 2
  var c = 3
  var d = 4
}

nonisolated(unsafe) var isLate = false

/// Lets others run in half of the tests.
func pause() async throws(TaskError) { if isLate { try await sleepMs(1) } }

/// One function that takes coroutines, with everything that can be handed to it.
private func check(
  _ nothing: (@escaping Coroutine<Void>) async throws(TaskError) -> Void,
  _ word: (@escaping Coroutine<Int>) async throws(TaskError) -> Int,
  _ words: (@escaping Coroutine<Four>) async throws(TaskError) -> Four,
  _ text: (@escaping Coroutine<StaticString?>) async throws(TaskError) -> StaticString?
) async throws(TaskError) {
  for late in [false, true] {
    isLate = late
    let captured = Subject()
    let seven = late ? 7 : 8

    try await nothing { () throws(TaskError) in try await pause() }
    try await nothing { () throws(TaskError) in
      try await pause()
      require(seven == (late ? 7 : 8), "what was captured")
    }
    require(
      try await word { () throws(TaskError) in
        try await pause()
        return 5
      } == 5, "a word, nothing captured")
    require(
      try await word { () throws(TaskError) in
        try await pause()
        return seven
      } == seven, "a word, captured")
    require(
      try await words { () throws(TaskError) in
        try await pause()
        return Four()
      } == Four(), "four words, nothing captured")
    require(
      try await words { () throws(TaskError) in
        try await pause()
        return Four(d: seven)
      } == Four(d: seven), "four words, captured")
    require(
      try await text { () throws(TaskError) in
        try await pause()
        return "text"
      }?.utf8CodeUnitCount == 4, "an optional, nothing captured")

    require(
      await errorOf { () throws(TaskError) in
        try await nothing { () throws(TaskError) in
          try await pause()
          throw .closed
        }
      } == .closed, "thrown instead of nothing, nothing captured")
    require(
      await errorOf { () throws(TaskError) in
        try await nothing { () throws(TaskError) in
          try await pause()
          throw .failure(seven)
        }
      } == .failure(seven), "thrown instead of nothing, captured")
    require(
      await errorOf { () throws(TaskError) in
        _ = try await word { () throws(TaskError) in
          try await pause()
          throw .closed
        }
      } == .closed, "thrown instead of a word, nothing captured")
    require(
      await errorOf { () throws(TaskError) in
        _ = try await word { () throws(TaskError) in
          try await pause()
          throw .failure(seven)
        }
      } == .failure(seven), "thrown instead of a word, captured")
    require(
      await errorOf { () throws(TaskError) in
        _ = try await words { () throws(TaskError) in
          try await pause()
          throw .closed
        }
      } == .closed, "thrown instead of four words, nothing captured")
    require(
      await errorOf { () throws(TaskError) in
        _ = try await words { () throws(TaskError) in
          try await pause()
          _ = captured
          throw .failure(seven)
        }
      } == .failure(seven), "thrown instead of four words, captured")
    require(
      await errorOf { () throws(TaskError) in
        _ = try await text { () throws(TaskError) in
          try await pause()
          throw .closed
        }
      } == .closed, "thrown instead of an optional, nothing captured")
  }
  require(Subject.alive == 0, "what was captured is released")
}

/// As a program might write it: it calls what it was handed itself.
func called<Success>(_ body: Coroutine<Success>) async throws(TaskError) -> Success { try await body() }

@inline(never)
func calledFromAfar<Success>(_ body: Coroutine<Success>) async throws(TaskError) -> Success {
  try await pause()
  return try await body()
}

/// One that keeps it, and calls it later.
private final class Keeper<Success> {
  let body: Coroutine<Success>
  init(_ body: @escaping Coroutine<Success>) { self.body = body }
  @inline(never) func call() async throws(TaskError) -> Success { try await body() }
}

func closureTests() {
  test("createTask takes closures of every kind") { () throws(TaskError) in
    try await check(
      { (body) throws(TaskError) in try await createTask(body).value },
      { (body) throws(TaskError) in try await createTask(body).value },
      { (body) throws(TaskError) in try await createTask(body).value },
      { (body) throws(TaskError) in try await createTask(body).value })
  }

  test("run takes closures of every kind") { () throws(TaskError) in
    try await check(
      { (body) throws(TaskError) in try run(body) }, { (body) throws(TaskError) in try run(body) },
      { (body) throws(TaskError) in try run(body) }, { (body) throws(TaskError) in try run(body) })
  }

  test("waitFor takes closures of every kind") { () throws(TaskError) in
    try await check(
      { (body) throws(TaskError) in try await waitFor(1, body) },
      { (body) throws(TaskError) in try await waitFor(0.5, body) },
      { (body) throws(TaskError) in try await waitForMs(500, body) },
      { (body) throws(TaskError) in try await waitFor(.seconds(1), body) })
  }

  test("gather takes closures of every kind") { () throws(TaskError) in
    func none() async throws(TaskError) {}
    try await check(
      { (body) throws(TaskError) in try await gather(body, none).0 },
      { (body) throws(TaskError) in try await gather(none, body).1 },
      { (body) throws(TaskError) in try await gather(body, none, none).0 },
      { (body) throws(TaskError) in try await gather(none, none, body).2 })
    try await check(
      { (body) throws(TaskError) in try await gatherResults(body, none).0.get() },
      { (body) throws(TaskError) in try await gatherResults(none, body).1.get() },
      { (body) throws(TaskError) in try await gatherResults(body, none, none).0.get() },
      { (body) throws(TaskError) in try await gatherResults(none, none, body).2.get() })
  }

  test("withLock takes closures of every kind") { () throws(TaskError) in
    let lock = Lock()
    try await check(
      { (body) throws(TaskError) in try await lock.withLock(body) },
      { (body) throws(TaskError) in try await lock.withLock(body) },
      { (body) throws(TaskError) in try await lock.withLock(body) },
      { (body) throws(TaskError) in try await lock.withLock(body) })
    require(!lock.isLocked, "free")
  }

  test("a program's own generic functions take closures of every kind") { () throws(TaskError) in
    try await check(
      { (body) throws(TaskError) in try await called(body) },
      { (body) throws(TaskError) in try await called(body) },
      { (body) throws(TaskError) in try await called(body) },
      { (body) throws(TaskError) in try await called(body) })
    try await check(
      { (body) throws(TaskError) in try await calledFromAfar(body) },
      { (body) throws(TaskError) in try await calledFromAfar(body) },
      { (body) throws(TaskError) in try await calledFromAfar(body) },
      { (body) throws(TaskError) in try await calledFromAfar(body) })
    try await check(
      { (body) throws(TaskError) in try await Keeper(body).call() },
      { (body) throws(TaskError) in try await Keeper(body).call() },
      { (body) throws(TaskError) in try await Keeper(body).call() },
      { (body) throws(TaskError) in try await Keeper(body).call() })
  }
}
