import Testing
import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Real processes in real time: Tests/Interrupted says "ready" whenever it waits for the next signal. Nothing here depends
// on how long it takes.

@Suite(.serialized) struct InterruptTests {
  @Test func `realTime: an interrupt ends the program as interrupted, with its clean-up run`() throws {
    for scenario in ["clean-up", "nested", "task"] {
      let ended = try Program.run(scenario, interrupts: 1)
      #expect(ended.signal == SIGINT, "\(scenario)")
      #expect(ended.lines == ["ready", "main cleaned up", "background cleaned up"], "\(scenario)")
    }
  }

  @Test func `realTime: a shell shows status 130`() throws {
    let ended = try Program.run("clean-up", interrupts: 1, throughShell: true)
    #expect(ended.status == 130)
    #expect(ended.lines.suffix(2) == ["main cleaned up", "background cleaned up"])
  }

  @Test func `realTime: the second interrupt ends a program that refuses, or does not even await`() throws {
    let refusing = try Program.run("refuse", interrupts: 2)
    #expect(refusing.signal == SIGINT)
    #expect(refusing.lines == ["ready", "no", "ready"])
    let spinning = try Program.run("spin", interrupts: nil)
    #expect(spinning.signal == SIGINT)
    #expect(spinning.lines == ["ready"])
  }

  @Test func `realTime: a main coroutine that catches the cancellation goes on, and the next run is as the first`()
    throws
  {
    let ended = try Program.run("catch", interrupts: 2)
    #expect(ended.signal == SIGINT)
    #expect(
      ended.lines == ["ready", "caught true", "run returned", "ready", "main cleaned up", "background cleaned up"])
  }

  @Test func `realTime: a thread that is stuck in a read does not keep the program`() throws {
    let ended = try Program.run("reading", interrupts: 1)
    #expect(ended.signal == SIGINT)
    #expect(ended.lines == ["ready", "main cleaned up", "reader let go", "background cleaned up"])
  }

  @Test func `realTime: an interrupt in the main coroutine's last step is not lost`() throws {
    let ended = try Program.run("late", interrupts: 0)
    #expect(ended.signal == SIGINT)
    #expect(ended.lines == ["ready"])
  }

  @Test func `realTime: who subscribes to interrupts gets them, and the run does not`() throws {
    let ended = try Program.run("subscribe", interrupts: 3)
    #expect(ended.signal == SIGINT)
    #expect(
      ended.lines == [
        "ready", "got SIGINT", "ready", "got SIGINT", "ready", "main cleaned up", "background cleaned up",
      ])
  }

  @Test func `realTime: what the program itself does about interrupts is left alone, and so is a virtual run`() throws {
    let untouched = try Program.run("left-alone", interrupts: 1)
    #expect(untouched.signal == SIGINT)
    #expect(untouched.lines == ["ready"])
    let own = try Program.run("own-handler", interrupts: 1)
    #expect(own.status == 7)
    #expect(own.lines == ["ready"])
    let virtual = try Program.run("virtual", interrupts: 0)
    #expect(virtual.signal == SIGINT)
    #expect(virtual.lines == ["ready"])
  }
}

/// A run of Tests/Interrupted.
private enum Program {
  struct Ended {
    var lines: [String] = []
    /// The status with which it exited.
    var status: Int32?
    /// The signal that ended it.
    var signal: Int32?
  }

  /// Sends an interrupt after each "ready", so many in all; nil is until it ends.
  static func run(_ scenario: String, interrupts: Int?, throughShell: Bool = false) throws -> Ended {
    let child = try Child(throughShell ? ["/bin/sh", "-c", "'\(path)' \(scenario); exit $?"] : [path, scenario])
    // A shell has a process of its own, and its child another.
    let number = try #require(child.nextLine().flatMap { Int32($0) }, "it did not start")
    var ended = Ended()
    var sent = 0
    while let line = child.nextLine() {
      ended.lines.append(line)
      guard line == "ready", sent < interrupts ?? 1 else { continue }
      sent += 1
      kill(number, SIGINT)
      if interrupts == nil {
        while !child.hasEnded {
          kill(number, SIGINT)
          usleep(1000)
        }
      }
    }
    let status = child.status
    if status & 0x7f == 0 { ended.status = status >> 8 & 0xff } else { ended.signal = status & 0x7f }
    return ended
  }

  /// The program is beside the tests.
  private static var path: String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    let own = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    let candidates = [own] + CommandLine.arguments.filter { $0.contains(".xctest") }
    return candidates.map { directory(of: $0) + "/Interrupted" }.first { access($0, X_OK) == 0 } ?? "Interrupted"
  }

  private static func directory(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }
}

/// A child process whose standard output is read.
private final class Child {
  private var number = pid_t()
  private let output: Int32
  private var isReaped = false
  private var lastStatus: Int32 = 0

  init(_ arguments: [String]) throws {
    WholeProcess.descriptors.take()
    defer { WholeProcess.descriptors.giveBack() }
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    output = ends[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    // The thread that runs a test may have all signals blocked, and a child inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var interrupt = none
    sigaddset(&interrupt, SIGINT)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &interrupt)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var strings = arguments.map { strdup($0) } + [nil]
    defer { for string in strings { free(string) } }
    let error = posix_spawn(&number, arguments[0], &actions, &attributes, &strings, environ)
    close(ends[1])
    try #require(error == 0, "\(arguments[0]): \(String(cString: strerror(error)))")
  }

  deinit {
    WholeProcess.descriptors.take()
    close(output)
    WholeProcess.descriptors.giveBack()
  }

  /// The next line of its output; nil when there is no more.
  func nextLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(output, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  /// Whether it has ended by now.
  var hasEnded: Bool {
    if !isReaped { isReaped = waitpid(number, &lastStatus, WNOHANG) == number }
    return isReaped
  }

  /// How it ended; waits until it has.
  var status: Int32 {
    while !isReaped { isReaped = waitpid(number, &lastStatus, 0) == number }
    return lastStatus
  }
}
