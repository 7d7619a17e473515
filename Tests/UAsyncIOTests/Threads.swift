#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A thread of the system's, as other libraries start them.
struct PlainThread: @unchecked Sendable {
  private let thread: pthread_t

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  init(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let error = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(Body(body)).toOpaque())
    precondition(error == 0, "no thread could be made: error \(error)")
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }

  func interrupt(with signal: Int32) { pthread_kill(thread, signal) }

  static func start(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> [PlainThread] {
    (0..<count).map { index in PlainThread { body(index) } }
  }
}
