import CPlatform

/// The system's clock that never goes back.
public enum MonotonicClock {
  /// Nanoseconds since some moment before the program began.
  public static func now() -> Int64 { platform_monotonic_ns() }
}
