import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct SignalTests {
  @Test func `signals come as a sequence, each to all who have subscribed to it`() async throws {
    let log = try await simulate {
      var log: [String] = []
      let first = createTask {
        for try await signal in signals(.user1, .windowSize) {
          log.append("first \(signal)")
          if signal == .windowSize { break }
        }
      }
      let second = createTask {
        for try await signal in signals(.windowSize) {
          log.append("second \(signal)")
          break
        }
      }
      try await sleep(1)
      raiseHere(SIGUSR1)
      try await sleep(1)
      raiseHere(SIGWINCH)
      try await gather(first, second)
      return log
    }
    #expect(log == ["first SIGUSR1", "first SIGWINCH", "second SIGWINCH"])
  }

  @Test func `signals that come before anybody awaits are kept, each once, in the order of their numbers`() async throws
  {
    let log = try await simulate {
      var log: [UnixSignal] = []
      let sequence = signals(.user2, .user1, .windowSize)
      for _ in 0..<3 { raiseHere(SIGWINCH) }
      raiseHere(SIGUSR2)
      raiseHere(SIGUSR1)
      try await sleep(1)
      var iterator = sequence.makeAsyncIterator()
      for _ in 0..<3 { log.append(try await iterator.next()!) }
      let error = await errorOf { try await waitFor(1) { _ = try await iterator.next() } }
      try require(error == "TimeoutError", "that was all")
      return log
    }
    #expect(log == [.user1, .user2, .windowSize])
  }

  @Test func `the disposition is restored with the last subscriber, and not before`() async throws {
    let handlers = try await simulate { () -> [Bool] in
      var log: [Bool] = []
      signal(SIGUSR1, SIG_IGN)
      do {
        let outer = signals(.user1)
        do {
          let inner = signals(.user1, .user1)
          log.append(isIgnored(SIGUSR1))
          withExtendedLifetime(inner) {}
        }
        log.append(isIgnored(SIGUSR1))
        withExtendedLifetime(outer) {}
      }
      log.append(isIgnored(SIGUSR1))
      signal(SIGUSR1, SIG_DFL)
      return log
    }
    #expect(handlers == [false, false, true])
  }

  @Test func `a disposition that somebody else has chosen meanwhile is left alone`() async throws {
    let isIgnoredAfter = try await simulate {
      do {
        let sequence = signals(.user1)
        signal(SIGUSR1, SIG_IGN)
        withExtendedLifetime(sequence) {}
      }
      defer { signal(SIGUSR1, SIG_DFL) }
      return isIgnored(SIGUSR1)
    }
    #expect(isIgnoredAfter)
  }

  @Test func `a sequence may be dropped on any thread, and after the run`() async throws {
    let log = try await onLoopThread {
      let sequence = Locked<SignalSequence?>(signals(.user1))
      try run(clock: .virtual) {
        raiseHere(SIGUSR1)
        try await sleep(1)
      }
      let during = isDefault(SIGUSR1)
      let thread = PlainThread { sequence.withLock { $0 = nil } }
      thread.join()
      return [during, isDefault(SIGUSR1)]
    }
    #expect(log == [false, true])
  }

  @Test func `what cannot be caught is an error, and nothing else is caught then`() async throws {
    let log = try await simulate {
      var log: [String] = []
      for number in [SIGKILL, SIGSTOP, SIGSEGV, 0, -3, 65, 32] {
        var iterator = signals(.user1, UnixSignal(rawValue: number)).makeAsyncIterator()
        log.append(await errorText { _ = try await iterator.next() })
        try require(isDefault(SIGUSR1), "SIGUSR1 is not caught")
      }
      return log
    }
    #expect(
      log == [
        "cannot catch SIGKILL: the system lets no program catch it",
        "cannot catch SIGSTOP: the system lets no program catch it",
        "cannot catch SIGSEGV: it says that the program cannot go on",
        "cannot catch signal 0: there is no such signal",
        "cannot catch signal -3: there is no such signal",
        "cannot catch signal 65: there is no such signal",
        "cannot catch signal 32: Invalid argument",
      ])
  }

  @Test func `no signal is lost at any point of cancellation`() async throws {
    let points = try await onLoopThread {
      try cancelSweep(of: "reader") {
        let sequence = signals(.user1)
        let reader = createTask(name: "reader") { () -> String in
          var iterator = sequence.makeAsyncIterator()
          do {
            _ = try await iterator.next()
            try await sleep(1)
            return "got it"
          } catch {
            // Whoever goes on with the sequence gets what the cancelled one did not.
            _ = try await iterator.next()
            return "got it later"
          }
        }
        try await sleep(1)
        raiseHere(SIGUSR1)
        try await sleep(1)
        if !reader.isDone { raiseHere(SIGUSR1) }
        return try await reader.value
      } check: { outcome in
        // Cancelled in the sleep that follows, the signal has been delivered, and the second one is what it gets then.
        try require(try outcome.result.get() == "got it later", "\(outcome.result)")
        try require(outcome.leftovers.isEmpty, "all ended")
      }
    }
    #expect(points == 4)
  }

  @Test func `a signal that nobody sends is a deadlock in virtual time, and the report says what is awaited`()
    async throws
  {
    let error = await #expect(throws: DeadlockError.self) {
      try await simulate { for try await _ in signals(.user1) {} }
    }
    #expect(error?.tasks.map(\.waitsFor) == ["waiting for a signal"])
  }

  @Test func `realTime: a signal to the process wakes a loop that sleeps`() async throws {
    let count = try await onLoopThread {
      try run {
        var count = 0
        let sequence = signals(.user1)
        let sender = PlainThread {
          raiseHere(SIGUSR1)
        }
        for try await _ in sequence {
          count += 1
          break
        }
        sender.join()
        return count
      }
    }
    #expect(count == 1)
  }
}

/// Raises a signal on the calling thread, which may have been born with all signals blocked. The handler has run when it
/// returns.
private func raiseHere(_ number: Int32) {
  var set = sigset_t()
  sigaddset(&set, number)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
  raise(number)
}

private func disposition(_ number: Int32) -> sigaction {
  var action = sigaction()
  sigaction(number, nil, &action)
  return action
}

private func isIgnored(_ number: Int32) -> Bool {
  unsafeBitCast(disposition(number).__sigaction_handler.sa_handler, to: Int.self) == 1
}

private func isDefault(_ number: Int32) -> Bool {
  unsafeBitCast(disposition(number).__sigaction_handler.sa_handler, to: Int.self) == 0
}
