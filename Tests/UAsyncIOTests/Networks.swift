import Testing
import UAsyncIO
import UAsyncIOTesting

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The sockets and pipes of this process, as the system names them.
///
/// Tests run side by side, but those with sockets take turns, for they have the loop.
func openSockets() -> Set<String> {
  guard let directory = opendir("/proc/self/fd") else { return [] }
  defer { closedir(directory) }
  var sockets: Set<String> = []
  while let entry = readdir(directory) {
    let path = withUnsafeBytes(of: entry.pointee.d_name) { name in
      "/proc/self/fd/" + String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    }
    var target = [UInt8](repeating: 0, count: 64)
    let count = target.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, 64) }
    guard count > 0 else { continue }
    let name = String(decoding: target.prefix(count), as: UTF8.self)
    if name.hasPrefix("socket:") { sockets.insert(name) }
  }
  return sockets
}

/// Runs a coroutine in virtual time, and fails if it leaves a task, a timer or a socket behind.
func simulateSockets(
  order: LoopOrder = .fifo, _ main: @escaping @LoopActor () async throws -> Void
) async throws {
  try await onLoopThread {
    let before = openSockets()
    try simulate(order: order, main)
    let left = openSockets().subtracting(before)
    try require(left.isEmpty, "left open: \(left)")
  }
}

/// Sweeps a scenario with sockets; no task and no socket may be left behind at any point.
func sweepSockets<Success>(
  of name: String, _ scenario: @escaping @LoopActor () async throws -> Success,
  check: @escaping (Result<Success, any Error>) throws -> Void = { _ = try $0.get() }
) async throws -> Int {
  nonisolated(unsafe) let check = check
  return try await onLoopThread {
    let before = openSockets()
    return try cancelSweep(of: name, scenario) { outcome in
      try check(outcome.result)
      try require(outcome.leftovers.isEmpty, "\(outcome.leftovers)")
      let left = openSockets().subtracting(before)
      try require(left.isEmpty, "left open: \(left)")
    }
  }
}

// Swift's view of the C library leaves these two out.
@_silgen_name("unshare") private func unshare(_ flags: Int32) -> Int32
@_silgen_name("setns") private func setns(_ namespace: Int32, _ kind: Int32) -> Int32
private let CLONE_NEWNET: Int32 = 0x4000_0000

/// A network that only the thread of a test is in: with loopback, which can be taken down, and what the test adds.
enum OwnNetwork {
  /// Whether this process may have one, with interfaces in it: as root, with iproute2 installed.
  static let isAllowed: Bool = {
    nonisolated(unsafe) var allowed = false
    PlainThread { allowed = unshare(CLONE_NEWNET) == 0 && ip("link add one type veth peer name two") }.join()
    return allowed
  }()

  /// Runs `body` on this thread in a network of its own.
  static func with<Success>(_ body: () throws -> Success) throws -> Success {
    let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    try require(home >= 0 && unshare(CLONE_NEWNET) == 0, "no network of its own")
    defer {
      _ = setns(home, CLONE_NEWNET)
      close(home)
    }
    return try body()
  }

  /// Runs `ip` in the network of the calling thread.
  @discardableResult
  static func ip(_ arguments: String) -> Bool { system("ip \(arguments) 2>/dev/null") == 0 }
}
