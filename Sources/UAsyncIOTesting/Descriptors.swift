#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

enum Descriptors {
  /// How many descriptors the process has open.
  static func openCount() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    // The directory that is being read has one too.
    return count - 1
  }
}

/// Runs `body` on a thread of its own, and waits for it without blocking the caller's.
func onOwnThread<Success: Sendable>(_ body: @escaping () throws -> Success) async throws -> Success {
  // The closure is handed over whole; the caller does nothing until it is done.
  nonisolated(unsafe) let body = body
  return try await withCheckedThrowingContinuation { continuation in
    let work = Work { continuation.resume(with: Result { try body() }) }
    var thread = pthread_t()
    let error = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    precondition(error == 0, "no thread could be made: error \(error)")
    pthread_detach(thread)
  }
}

private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
