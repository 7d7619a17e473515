#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
import Synchronization
import UAsyncIO

/// Something that a test throws and recognizes.
struct Boom: Error, Equatable {
  var code = 0
}

/// What must hold did not.
struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless the condition holds: for checks inside a simulation.
func require(_ condition: Bool, _ what: String, line: Int = #line) throws {
  if !condition { throw Broken(description: "line \(line): \(what)") }
}

/// Counts a test's objects that are alive. Tests run side by side: each has a census of its own.
final class Census: Sendable {
  private let count = Atomic<Int>(0)

  /// Something that counts as long as it lives.
  final class Subject {
    private let census: Census

    init(_ census: Census) {
      self.census = census
      census.count.add(1, ordering: .relaxed)
    }

    deinit { census.count.subtract(1, ordering: .relaxed) }
  }

  var alive: Int { count.load(ordering: .relaxed) }
}

/// The error that an operation throws, by the name of its type; "none" where it throws none.
@LoopActor
func errorOf(_ operation: () async throws -> Void) async -> String {
  do {
    try await operation()
    return "none"
  } catch {
    return "\(type(of: error))"
  }
}

/// The loop's time in whole milliseconds.
@LoopActor
func milliseconds() -> Int { Int(loopTime() / .milliseconds(1)) }

/// Something that belongs to the whole process: taken by the test that changes it, and by those that need it as it was.
/// Tests run side by side.
struct WholeProcess: @unchecked Sendable {
  /// How many descriptors there may be. Tests that have the loop come one after another; those that open or close something
  /// without it take this.
  static let descriptors = WholeProcess()

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  private init() { pthread_mutex_init(mutex, nil) }

  /// Takes it; to be given back on the same thread.
  func take() { pthread_mutex_lock(mutex) }

  func giveBack() { pthread_mutex_unlock(mutex) }
}
