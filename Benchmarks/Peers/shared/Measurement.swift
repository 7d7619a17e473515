import Glibc

/// Measures wall-clock time and the processor time of the whole process, in nanoseconds; may be started again, and adds up then.
public struct Stopwatch {
  private(set) var wall = 0
  private(set) var cpu = 0
  private var startedAt = (wall: 0, cpu: 0)

  /// Called when a watch is started and stopped, for whoever wants to measure the same stretch in another way.
  nonisolated(unsafe) public static var onStart: (() -> Void)?
  nonisolated(unsafe) public static var onStop: (() -> Void)?

  mutating func start() {
    Self.onStart?()
    startedAt = (Self.read(CLOCK_MONOTONIC), Self.read(CLOCK_PROCESS_CPUTIME_ID))
  }

  mutating func stop() {
    cpu += Self.read(CLOCK_PROCESS_CPUTIME_ID) - startedAt.cpu
    wall += Self.read(CLOCK_MONOTONIC) - startedAt.wall
    Self.onStop?()
  }

  private static func read(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// What a scenario has to say.
public struct Measurement: Sendable {
  public let operations: Int
  let wall: Int
  let cpu: Int
  /// Resident bytes for each operation, where that is of interest.
  let bytes: Int?

  init(_ operations: Int, _ stopwatch: Stopwatch, bytes: Int? = nil) {
    self.operations = operations
    wall = stopwatch.wall
    cpu = stopwatch.cpu
    self.bytes = bytes
  }
}

extension Measurement: CustomStringConvertible {
  public var description: String {
    "operations=\(operations) wall=\(wall) cpu=\(cpu)" + (bytes.map { " bytes=\($0)" } ?? "")
  }
}

/// The bytes of this process that are in memory now.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 200)
  guard fgets(&line, 200, file) != nil else { return 0 }
  let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(
    separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
}

/// The same numbers in each language: a linear congruential generator, begun with 1.
struct RandomNumbers {
  private var state = 1

  mutating func next(below limit: Int) -> Int {
    state = state * 48_271 % 2_147_483_647
    return state % limit
  }
}

/// A scenario did not do what it should have, so that its times mean nothing.
struct WrongResult: Error {
  let expected: Int
  let actual: Int

  static func check(_ actual: Int, is expected: Int) throws {
    if actual != expected { throw WrongResult(expected: expected, actual: actual) }
  }
}
