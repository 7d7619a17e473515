import UAsyncIO

private func one() async throws(TaskError) -> Int { 1 }

func waitForTests() {
  test("in time it returns the value or throws the error, and leaves no timer") { () throws(TaskError) in
    let value = try await waitFor(5) { () throws(TaskError) in
      try await sleep(1)
      return 3
    }
    require(value == 3 && milliseconds() == 1000, "the value, in its time")
    require(try await waitForMs(500, one) == 1, "milliseconds")
    require(try await waitFor(.seconds(1), one) == 1, "duration")
    require(try await waitFor(0.5, one) == 1, "a fraction")
    let task = createTask { () throws(TaskError) in
      try await sleep(1)
      return 6
    }
    require(try await waitFor(task, timeout: 2) == 6, "a task")
    require(try await waitForMs(task, timeout: 2) == 6, "a finished task")
    require(try await waitFor(task, timeout: 0.5) == 6, "a fraction, a task")
    require(try await waitForMs(task, timeout: 0.5) == 6, "a fraction of a millisecond")
    require(try await waitFor(task, timeout: .seconds(1)) == 6, "a duration")
    let whole = 5
    require(try await waitFor(whole, { () throws(TaskError) in try await waitForMs(whole, one) }) == 1, "in variables")
    let error = await errorOf { () throws(TaskError) in
      try await waitFor(5) { () throws(TaskError) in throw .failure(9) }
    }
    require(error == .failure(9), "its error")
    require(milliseconds() == 2000, "nothing waited for the limits")
    // A timer that is left would be found here, by a task that is not there any more.
    try await sleep(10)
  }

  test("too late, the coroutine is cancelled, cleans up, and only then it throws") { () throws(TaskError) in
    var log: [Int] = []
    let error = await errorOf { () throws(TaskError) in
      try await waitFor(2) { () throws(TaskError) in
        do throws(TaskError) { try await sleep(100) } catch {
          log.append(milliseconds())
          try await sleep(1)
          log.append(milliseconds())
          throw error
        }
      }
    }
    require(error == .timedOut, "timed out")
    require(log == [2000, 3000] && milliseconds() == 3000, "after its clean-up")
  }

  test("a limit of zero or less allows one step") { () throws(TaskError) in
    var steps = 0
    for limit in [0.0, -1.0, -Double.infinity] {
      require(try await waitFor(limit, one) == 1, "a value in one step")
      let error = await errorOf { () throws(TaskError) in
        try await waitFor(limit) { () throws(TaskError) in
          steps += 1
          try await sleep(0)
          steps += 100
        }
      }
      require(error == .timedOut, "no second step")
    }
    require(steps == 3 && milliseconds() == 0, "one step each")
  }

  test("an infinite limit is none") { () throws(TaskError) in
    let value = try await waitFor(.infinity) { () throws(TaskError) in
      try await sleep(1_000_000)
      return 1
    }
    require(value == 1, "the value")
  }

  testSeeds("a result that is due in the instant of the limit is not thrown away") { () throws(TaskError) in
    let first = try await waitFor(1) { () throws(TaskError) in
      try await sleep(1)
      return 1
    }
    require(first == 1, "sleep")
    let second = try await waitFor(1) { () throws(TaskError) in
      try await waitFor(5) { () throws(TaskError) in
        try await sleep(1)
        return 2
      }
    }
    require(second == 2, "nested")
    let event = Event()
    let setter = createTask { () throws(TaskError) in
      try await sleep(1)
      event.set()
    }
    let waiter = createTask { () throws(TaskError) in
      try await event.wait()
      return 3
    }
    require(try await waitFor(waiter, timeout: 5) == 3, "an event")
    try await setter.value
  }

  test("a value returned after a swallowed cancellation is returned") { () throws(TaskError) in
    let value = try await waitFor(1) { () throws(TaskError) in
      do throws(TaskError) { try await sleep(10) } catch { return 1 }
      return 2
    }
    require(value == 1, "partial")
  }

  test("an error thrown while cleaning up is thrown instead of the time-out") { () throws(TaskError) in
    let error = await errorOf { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in
        do throws(TaskError) { try await sleep(10) } catch { throw .failure(5) }
      }
    }
    require(error == .failure(5), "its own")
  }

  test("cancelled from outside, it cancels the coroutine, waits for it, and throws") { () throws(TaskError) in
    var log: [Int] = []
    let task = createTask { () throws(TaskError) in
      let error = await errorOf { () throws(TaskError) in
        try await waitFor(100) { () throws(TaskError) in
          do throws(TaskError) { try await sleep(50) } catch {
            log.append(1)
            try await sleep(1)
            log.append(2)
          }
        }
      }
      // The coroutine swallowed its cancellation; the caller's is not swallowed with it.
      require(error == .cancelled, "cancelled")
      try await sleep(1)
      log.append(3)
    }
    try await sleep(1)
    task.cancel()
    try await task.value
    require(log == [1, 2, 3] && milliseconds() == 3000, "in order")
  }

  test("cancelled while the coroutine cleans up after its limit, it still throws that") { () throws(TaskError) in
    var cleaned = false
    let task = createTask { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in
        do throws(TaskError) { try await sleep(50) } catch {
          try await sleep(10)
          cleaned = true
        }
      }
    }
    try await sleep(2)
    task.cancel()
    require(await task.result.isCancelled && !cleaned && milliseconds() == 2000, "cancelled")
  }

  testSeeds("a cancel and the limit in the same instant throw the cancellation") { () throws(TaskError) in
    var thrown = 0
    let task = createTask { () throws(TaskError) in
      try await waitFor(1) { () throws(TaskError) in
        do throws(TaskError) { try await sleep(10) } catch { thrown += 1 }
        do throws(TaskError) { try await sleep(1) } catch { thrown += 1 }
      }
    }
    createTask { () throws(TaskError) in
      try await sleep(1)
      task.cancel()
    }
    require(await task.result.isCancelled, "the outside cancel is not swallowed")
    require(thrown == 1 || thrown == 2, "cancelled")
  }
}
