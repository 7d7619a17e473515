// What only Linux can show of flags: that other threads, and the handlers of signals, may set them.

import UAsyncIO

@_silgen_name("test_thread_begin")
private func beginThread(_ index: Int32, _ flag: UnsafeMutablePointer<UInt8>, _ times: UInt32) -> Bool
@_silgen_name("test_thread_seen") private func threadSeen(_ index: Int32) -> UInt32
@_silgen_name("test_thread_end") private func endThread(_ index: Int32)
@_silgen_name("test_signals_begin")
private func beginSignals(_ flag: UnsafeMutablePointer<UInt8>, _ microseconds: UInt32)
@_silgen_name("test_signals") private func signals() -> UInt32
@_silgen_name("test_signals_end") private func endSignals()

/// Each sets its flag, and goes on when that has been seen: so one that is lost is the last.
private func threads() async throws(TaskError) {
  begin("eight threads that set flags and count lose nothing")
  let start = loopNanoseconds()
  let times: UInt32 = 3000
  let flags = (0..<8).map { _ in ThreadSafeFlag() }
  let waiters = (0..<8).map { index in
    createTask { () throws(TaskError) in
      while threadSeen(Int32(index)) < times { try await flags[index].wait() }
    }
  }
  for (index, flag) in flags.enumerated() {
    require(beginThread(Int32(index), flag.address, times), "a thread")
  }
  let all = createTask { () throws(TaskError) in try await gather(waiters) }
  require(await errorOf { () throws(TaskError) in _ = try await waitFor(all, timeout: 20) } == nil, "all are seen")
  for index in 0..<8 as Range<Int32> { endThread(index) }
  requireSoon(start)
}

private func handler() async throws(TaskError) {
  begin("the handler of a signal may set a flag, whatever it interrupts")
  let start = loopNanoseconds()
  let flag = ThreadSafeFlag()
  let busy = createTask { () throws(TaskError) in
    while true {
      for _ in 0..<1000 { try await yieldNow() }
      try await sleepMs(1)
    }
  }
  let waiter = createTask { () throws(TaskError) in
    var seen: UInt32 = 0
    while seen < 300 {
      try await flag.wait()
      require(signals() > seen || flag.isSet, "each wake has its signal")
      seen = signals()
    }
  }
  beginSignals(flag.address, 200)
  require(await errorOf { () throws(TaskError) in try await waitFor(waiter, timeout: 20) } == nil, "all are seen")
  endSignals()
  busy.cancel()
  _ = await busy.result
  requireSoon(start)
}

/// Where a doorbell is missing, the limit's own end lets the loop see what there is.
private func requireSoon(_ start: Int64) {
  require(loopNanoseconds() - start < 15_000_000_000, "no wait lasts to its limit")
}

private func errorOf(_ operation: Coroutine<Void>) async -> TaskError? {
  do throws(TaskError) {
    try await operation()
    return nil
  } catch {
    return error
  }
}

func flagTests() async throws(TaskError) {
  try await threads()
  try await handler()
}
