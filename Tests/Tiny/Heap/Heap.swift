// The heap of Linux programs: see Sources/Tiny/Linux/Heap.c. With an argument: what a sealed heap does; with a second one, of
// which a large block is asked for.

import CTinyLinux
import UAsyncIO

@_silgen_name("heap_test_keeps_every_byte") func keepsEveryByte() -> Bool
@_silgen_name("heap_test_uses_again_what_came_back") func usesAgainWhatCameBack() -> Bool
@_silgen_name("heap_test_takes_another_one_first") func takesAnotherOneFirst() -> Bool
@_silgen_name("heap_test_collects_from_other_threads") func collectsFromOtherThreads() -> Bool
@_silgen_name("heap_test_leaves_other_threads_alone") func leavesOtherThreadsAlone() -> Bool

/// Tasks that come and go take nothing new from the heap once all of them have been there.
private func tasksOnSealedHeap() throws(TaskError) {
  try run(size: 8192) { () throws(TaskError) in
    for round in 0..<100 {
      var tasks: [LoopTask<Int>] = []
      tasks.reserveCapacity(50)
      for number in 0..<50 {
        tasks.append(
          createTask { () throws(TaskError) in
            try await yieldNow()
            return number
          })
      }
      require(try await gather(tasks).count == 50, "all of them return")
      if round == 2 { sealHeap() }
    }
    sealHeap(false)
  }
}

@main struct Heap {
  static func main() throws(TaskError) {
    if programArgument(1) != nil {
      sealHeap()
      UnsafeMutableRawPointer.allocate(byteCount: programArgument(2) == nil ? 100 : 2000, alignment: 16).deallocate()
      exitProgram(0)
    }
    require(takesAnotherOneFirst(), "a block that has come back is not the next one to be taken")
    require(keepsEveryByte(), "every block keeps its bytes, and lies where it should")
    require(usesAgainWhatCameBack(), "what came back is used again")
    require(collectsFromOtherThreads(), "what other threads give back is used again")
    require(leavesOtherThreadsAlone(), "other threads have the C library's heap")
    try tasksOnSealedHeap()
    if failures == 0 { writeText("heap: all is as it should be\n") }
    exitProgram(failures)
  }
}
