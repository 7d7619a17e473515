import UAsyncIO

@main struct Tests {
  static func main() {
    // Test bodies are long functions with much in them.
    verifyRuntime()
    useTaskSize(MemoryLayout<Int>.size * 128)
    sleepTests()
    cancelTests()
    closureTests()
    thinClosureTests()
    gatherTests()
    waitForTests()
    synchronizationTests()
    lockTests()
    queueTests()
    signalTests()
    runTests()
    reportTests()
    sweepTests()
    randomProgramTests()
    wholeRunTests()
    endOfRunTests()
    storageTests()
    exitProgram(summary())
  }
}
