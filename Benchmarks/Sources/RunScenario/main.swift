// Runs one scenario of the comparison with other libraries; Scripts/compare-peers runs them all, beside those of others.
//
//     RunScenario NAME COUNT [PARAMETER]
//
// Prints the number of operations, and the nanoseconds that they took together: by the clock on the wall, and of the
// processor, all threads of the process added up.

import Glibc
import Scenarios

let arguments = CommandLine.arguments
let numbers = arguments.dropFirst(2).map { Int($0) ?? 0 }
guard arguments.count > 2, let scenario = Scenario.named(arguments[1]), let count = numbers.first, count > 0 else {
  print("expected: RunScenario \(Scenario.all.map(\.name).joined(separator: "|")) COUNT [PARAMETER]")
  exit(2)
}
print(try scenario.measure(count, numbers.count > 1 ? numbers[1] : nil))
