// The scenarios of the comparison, for whoever works on the library: how the samples are spread, and what they were before.
//
//     cd Benchmarks/Baselines
//     swift package benchmark --filter 'spawn|switch.*'
//     swift package --allow-writing-to-package-directory benchmark baseline update before --filter 'spawn|switch.*'
//     swift package benchmark baseline compare before --filter 'spawn|switch.*'
//
// Measured is the part within the scenario's stopwatch, and told is what one operation of it took. Instructions are there
// where the processor's counters are: not in each virtual machine.

import Benchmark
import Scenarios

/// The scenarios, their parameters, and the operations of one sample: enough for what is around them not to count, and a
/// number by which the tool can divide.
private let measured: [(name: String, parameter: Int?, operations: Int)] = [
  ("switch", 1, million), ("switch", 100, million), ("switch", 10_000, million),
  ("spawn", nil, million),
  ("parked", 1000, thousand),
  ("gather", 1000, million),
  ("eventWake", 10_000, million),
  ("lock", 100, million),
  ("queue", 16, million),
  ("waitFor", nil, million),
  ("waitForTimeout", 1000, thousand),
  ("timers", 1, thousand),
  ("sleepAmong", 100, thousand), ("sleepAmong", 10_000, thousand),
  ("cancel", 1000, thousand),
  ("crossThreadLatency", nil, thousand),
  ("crossThreadThroughput", nil, million),
  ("bareHop", nil, million), ("bareSuspend", nil, million),
]
private let thousand = 1000
private let million = 1_000_000

/// The processor's time is told in hundredths of a second: too coarse for a thousand operations.
private func metrics(_ operations: Int) -> [BenchmarkMetric] {
  (operations == million ? [.cpuTotal] : []) + [.wallClock, .instructions, .throughput, .peakMemoryResident]
}

let benchmarks: @Sendable () -> Void = {
  for (name, parameter, operations) in measured {
    guard let scenario = Scenario.named(name), let scale = BenchmarkScalingFactor(rawValue: operations) else {
      fatalError("there is no scenario \(name), or it has an odd number of operations")
    }
    let title = parameter.map { "\(name)-\($0)" } ?? name
    let configuration = Benchmark.Configuration(
      metrics: metrics(operations), warmupIterations: 1, scalingFactor: scale, maxDuration: .seconds(2))
    Benchmark(title, configuration: configuration) { benchmark in
      Stopwatch.onStart = benchmark.startMeasurement
      Stopwatch.onStop = benchmark.stopMeasurement
      do { _ = try scenario.measure(operations, parameter) } catch { benchmark.error("\(error)") }
    }
  }
}
