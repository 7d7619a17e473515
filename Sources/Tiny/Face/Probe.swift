// The functions that the runtime's self-test calls: see Runtime/Verify.c.

import CTiny

/// What the probing coroutine notes. The layout is `tiny_probe`'s in Verify.c.
private struct Probe {
  var steps: UInt
  var argument: UInt
  var sum: UInt
}

private final class ProbeObject {
  @exclusivity(unchecked) var field: UInt = 0
}

private struct ProbeEntry {
  let function: nonisolated(nonsending) (UnsafeMutableRawPointer) async -> Void = { await probe($0) }
}

@inline(never)
private nonisolated(nonsending) func probe(_ memory: UnsafeMutableRawPointer) async {
  let probe = memory.assumingMemoryBound(to: Probe.self)
  probe.pointee.argument += 1
  let twenty = await suspended(probe, 20)
  let twentyTwo = await suspended(probe, 22)
  probe.pointee.sum = twenty + twentyTwo
  probe.pointee.steps += 1
}

@inline(never)
private nonisolated(nonsending) func suspended(_ probe: UnsafeMutablePointer<Probe>, _ value: UInt) async -> UInt {
  probe.pointee.steps += 1
  await park()
  return value
}

/// Tries out whether the compiler keeps the contract that the runtime was written for, and ends the program with a
/// message if it does not. For tests, and for whoever ports the runtime to another compiler or processor: a program
/// that is built with the compiler that the tests were built with need not call it.
public func verifyRuntime() {
  RecordPointer.verifyLayout()
  Loop.verifyLayout()
  var entry = ProbeEntry()
  let object = ProbeObject()
  let broken = withUnsafeMutablePointer(to: &entry) { value in
    withUnsafeMutablePointer(to: &object.field) { field in
      tiny_verify_contract(value, Unmanaged.passUnretained(object).toOpaque(), field)
    }
  }
  guard broken != 0 else { return }
  writeText("panic: this compiler breaks line ")
  writeNumber(Int(broken))
  writeText(" of the tiny runtime's contract\n")
  tiny_board_exit(72)
}
