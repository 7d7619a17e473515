import Testing
import UAsyncIO
import UAsyncIOTesting

@Suite struct SleepTests {
  @Test func `an hour of sleep in a thousand tasks passes in virtual time`() async throws {
    let woken = try await simulate {
      var woken = 0
      let tasks = (0..<10).map { _ in
        createTask { for _ in 0..<3600 { try await sleep(1); woken += 1 } }
      }
      _ = try await gather(tasks)
      return woken
    }
    #expect(woken == 36000)
  }
}
