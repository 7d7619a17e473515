// The functions that the runtime's self-test calls: see Runtime/Verify.c.

import CTiny

private final class ProbeObject {
  @exclusivity(unchecked) var field: UInt = 0
}

@inline(never)
private nonisolated(nonsending) func count(_ steps: UnsafeMutablePointer<UInt>) async throws(TaskError) -> UInt {
  let twenty = await suspended(steps, 20)
  let twentyTwo = await suspended(steps, 22)
  steps.pointee += 1
  return twenty + twentyTwo
}

@inline(never)
private nonisolated(nonsending) func suspended(_ steps: UnsafeMutablePointer<UInt>, _ value: UInt) async -> UInt {
  steps.pointee += 1
  await park()
  return value
}

/// Tries out whether the compiler keeps the contract that the runtime was written for, and ends the program with a
/// message if it does not. For tests, and for whoever ports the runtime to another compiler or processor: a program
/// that is built with the compiler that the tests were built with need not call it.
public func verifyRuntime() {
  RecordPointer.verifyLayout()
  Loop.verifyLayout()
  #if !UASYNCIO_BOARD
    // Within a task: none of the loop's tasks follows the steps of the probes.
    Loop.shared.returnAfterStep()
  #endif
  let steps = UnsafeMutablePointer<UInt>.allocate(capacity: 1)
  defer { steps.deallocate() }
  steps.initialize(to: 0)
  var counting = takeWords(of: { () throws(TaskError) -> UInt in try await count(steps) })
  var throwing = takeWords(of: { () throws(TaskError) -> UInt in throw .busy })
  defer { endBody(captured: counting.captured) }
  let object = ProbeObject()
  let broken = withExtendedLifetime(object) {
    withUnsafeMutablePointer(to: &object.field) { field in
      tiny_verify_contract(&counting, &throwing, steps, Unmanaged.passUnretained(object).toOpaque(), field)
    }
  }
  guard broken != 0 else { return }
  writeText("panic: this compiler breaks line ")
  writeNumber(Int(broken))
  writeText(" of the tiny runtime's contract\n")
  tiny_board_exit(72)
}
