// Closures that have captured nothing, handed over as they are written: the compiler then makes no function around them, and
// on RISC-V calls them in a wrong way where nobody helps. See contract 9 in CTiny.h, and Closures.swift for all other kinds.

import UAsyncIO

func thinClosureTests() {
  test("createTask: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      try await createTask { () throws(TaskError) in try await pause() }.value
      let word = try await createTask { () throws(TaskError) in
        try await pause()
        return 5
      }.value
      let words = try await createTask { () throws(TaskError) in
        try await pause()
        return Four()
      }.value
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try await createTask { () throws(TaskError) in
          try await pause()
          throw .closed
        }.value
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try await createTask { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }.value
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try await createTask { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }.value
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("run: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      try run { () throws(TaskError) in try await pause() }
      let word = try run { () throws(TaskError) in
        try await pause()
        return 5
      }
      let words = try run { () throws(TaskError) in
        try await pause()
        return Four()
      }
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try run { () throws(TaskError) in
          try await pause()
          throw .closed
        }
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try run { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try run { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("waitFor: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      try await waitFor(1) { () throws(TaskError) in try await pause() }
      let word = try await waitFor(1) { () throws(TaskError) in
        try await pause()
        return 5
      }
      let words = try await waitFor(1) { () throws(TaskError) in
        try await pause()
        return Four()
      }
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try await waitFor(1) { () throws(TaskError) in
          try await pause()
          throw .closed
        }
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try await waitFor(1) { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try await waitFor(1) { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("waitForMs: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      try await waitForMs(5) { () throws(TaskError) in try await pause() }
      let word = try await waitForMs(5) { () throws(TaskError) in
        try await pause()
        return 5
      }
      let words = try await waitForMs(5) { () throws(TaskError) in
        try await pause()
        return Four()
      }
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try await waitForMs(5) { () throws(TaskError) in
          try await pause()
          throw .closed
        }
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try await waitForMs(5) { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try await waitForMs(5) { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("withLock: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      let lock = Lock()
      try await lock.withLock { () throws(TaskError) in try await pause() }
      let word = try await lock.withLock { () throws(TaskError) in
        try await pause()
        return 5
      }
      let words = try await lock.withLock { () throws(TaskError) in
        try await pause()
        return Four()
      }
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try await lock.withLock { () throws(TaskError) in
          try await pause()
          throw .closed
        }
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try await lock.withLock { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try await lock.withLock { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("a generic function of the program: closures that have captured nothing return and throw") {
    () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      try await called { () throws(TaskError) in try await pause() }
      let word = try await called { () throws(TaskError) in
        try await pause()
        return 5
      }
      let words = try await called { () throws(TaskError) in
        try await pause()
        return Four()
      }
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try await called { () throws(TaskError) in
          try await pause()
          throw .closed
        }
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try await called { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try await called { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("one that is not inlined: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      try await calledFromAfar { () throws(TaskError) in try await pause() }
      let word = try await calledFromAfar { () throws(TaskError) in
        try await pause()
        return 5
      }
      let words = try await calledFromAfar { () throws(TaskError) in
        try await pause()
        return Four()
      }
      require(word == 5 && words == Four(), "values")
      do throws(TaskError) {
        try await calledFromAfar { () throws(TaskError) in
          try await pause()
          throw .closed
        }
        require(false, "nothing")
      } catch { require(error == .closed, "instead of nothing") }
      do throws(TaskError) {
        _ = try await calledFromAfar { () throws(TaskError) -> Int in
          try await pause()
          throw .closed
        }
        require(false, "a word")
      } catch { require(error == .closed, "instead of a word") }
      do throws(TaskError) {
        _ = try await calledFromAfar { () throws(TaskError) -> Four in
          try await pause()
          throw .closed
        }
        require(false, "four words")
      } catch { require(error == .closed, "instead of four words") }
    }
  }

  test("gather: closures that have captured nothing return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      let values = try await gather(
        { () throws(TaskError) in try await pause() },
        { () throws(TaskError) in
          try await pause()
          return 5
        },
        { () throws(TaskError) in
          try await pause()
          return Four()
        })
      require(values.1 == 5 && values.2 == Four(), "values")
      let results = try await gatherResults(
        { () throws(TaskError) -> Void in
          try await pause()
          throw .closed
        },
        { () throws(TaskError) -> Int in
          try await pause()
          throw .busy
        },
        { () throws(TaskError) -> Four in
          try await pause()
          throw .tooLong
        })
      require(results.0.failure == .closed, "instead of nothing")
      require(results.1.failure == .busy && results.2.failure == .tooLong, "instead of a word and of four")
    }
  }

  test("functions by their names return and throw") { () throws(TaskError) in
    for late in [false, true] {
      isLate = late
      require(try await createTask(five).value == 5, "createTask")
      require(try await createTask(four).value == Four(), "createTask, four words")
      require(try await waitFor(1, five) == 5, "waitFor")
      require(try run(four) == Four(), "run")
      require(try await called(five) == 5, "the program's own")
      require(try await calledFromAfar(four) == Four(), "the program's own, from afar")
      require(await createTask(noFive).result.failure == .closed, "instead of a word")
      require(await createTask(noFour).result.failure == .closed, "instead of four")
      do throws(TaskError) {
        _ = try await calledFromAfar(noFour)
        require(false, "four")
      } catch { require(error == .closed, "from afar") }
    }
  }
}

private func five() async throws(TaskError) -> Int {
  try await pause()
  return 5
}

private func four() async throws(TaskError) -> Four {
  try await pause()
  return Four()
}

private func noFive() async throws(TaskError) -> Int {
  try await pause()
  throw .closed
}

private func noFour() async throws(TaskError) -> Four {
  try await pause()
  throw .closed
}
