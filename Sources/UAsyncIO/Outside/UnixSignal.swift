#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One of the system's signals, by its number.
public struct UnixSignal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The system's number for it.
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The terminal is gone, or a daemon is asked to read its configuration anew: SIGHUP.
  public static let hangup = UnixSignal(rawValue: SIGHUP)
  /// Ctrl-C: SIGINT.
  public static let interrupt = UnixSignal(rawValue: SIGINT)
  /// Ctrl-\: SIGQUIT.
  public static let quit = UnixSignal(rawValue: SIGQUIT)
  /// The polite request to end: SIGTERM.
  public static let terminate = UnixSignal(rawValue: SIGTERM)
  /// SIGUSR1, which means what the program says.
  public static let user1 = UnixSignal(rawValue: SIGUSR1)
  /// SIGUSR2, which means what the program says.
  public static let user2 = UnixSignal(rawValue: SIGUSR2)
  /// A child process has ended or stopped: SIGCHLD.
  public static let child = UnixSignal(rawValue: SIGCHLD)
  /// A stopped program goes on: SIGCONT.
  public static let resume = UnixSignal(rawValue: SIGCONT)
  /// Ctrl-Z: SIGTSTP.
  public static let terminalStop = UnixSignal(rawValue: SIGTSTP)
  /// A system timer has run out: SIGALRM.
  public static let alarm = UnixSignal(rawValue: SIGALRM)
  /// Somebody writes to what nobody reads any more: SIGPIPE.
  public static let brokenPipe = UnixSignal(rawValue: SIGPIPE)
  /// The terminal has another size: SIGWINCH.
  public static let windowSize = UnixSignal(rawValue: SIGWINCH)

  public var description: String { Self.names[rawValue] ?? "signal \(rawValue)" }

  private static let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1",
    SIGUSR2: "SIGUSR2", SIGCHLD: "SIGCHLD", SIGCONT: "SIGCONT", SIGTSTP: "SIGTSTP", SIGALRM: "SIGALRM",
    SIGPIPE: "SIGPIPE", SIGWINCH: "SIGWINCH", SIGKILL: "SIGKILL", SIGSTOP: "SIGSTOP", SIGSEGV: "SIGSEGV",
    SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT",
  ]

  /// Why the signal cannot be caught, if it cannot.
  var refusal: String? {
    switch rawValue {
    case SIGKILL, SIGSTOP: "the system lets no program catch it"
    case SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT: "it says that the program cannot go on"
    case 1...64: nil
    default: "there is no such signal"
    }
  }
}
