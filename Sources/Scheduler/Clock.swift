/// Where the loop's time comes from.
///
/// Times are nanoseconds since the loop began, 64 bits wide: enough for 292 years.
public enum Clock {
  /// Time passes by itself. The closure reads a clock that never goes back; `origin` is what it showed when the
  /// loop's time was zero.
  case monotonic(read: () -> Int64, origin: Int64)
  /// Time stands still while anything can run, and jumps to the next deadline when nothing can.
  case virtual(now: Int64)

  /// Nanoseconds since the loop began.
  public var now: Int64 {
    switch self {
    case .monotonic(let read, let origin): read() &- origin
    case .virtual(let now): now
    }
  }

  public var isVirtual: Bool {
    if case .virtual = self { true } else { false }
  }

  /// The latest time there is; a deadline at it never comes.
  @inlinable
  public static var never: Int64 { .max }

  /// The time `delay` nanoseconds after `now`; `never` where that is out of reach.
  @inlinable
  public static func deadline(_ delay: Int64, after now: Int64) -> Int64 {
    let (sum, overflow) = now.addingReportingOverflow(max(0, delay))
    return overflow ? never : sum
  }
}
