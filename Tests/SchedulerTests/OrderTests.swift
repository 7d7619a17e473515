import Scheduler
import Testing

@Suite struct OrderTests {
  @Test func `the same seed gives the same numbers`() {
    var one = RandomSource(seed: 7)
    var other = RandomSource(seed: 7)
    for _ in 0..<100 { #expect(one.next(below: 1000) == other.next(below: 1000)) }
  }
}
