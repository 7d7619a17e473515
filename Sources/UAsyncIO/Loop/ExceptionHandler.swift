/// What an exception handler is told. Python: the `context` of `call_exception_handler`.
public struct ExceptionContext: Sendable {
  /// What happened, in words.
  public let message: String
  /// The error.
  public let error: any Error
  /// The task that threw it, if it was one.
  public let task: AnyLoopTask?

  public init(message: String, error: any Error, task: AnyLoopTask? = nil) {
    self.message = message
    self.error = error
    self.task = task
  }
}

extension Loop {
  /// Sets who is told of errors that a task threw and that nobody retrieved; nil is the standard error stream.
  /// Python: `Loop.set_exception_handler(handler)`.
  ///
  /// An error counts as retrieved when somebody awaits the task, alone or with others. If nobody does one turn of the
  /// loop after the task has failed, the handler is called, on the loop; nothing else stops. A `CancellationError` is never
  /// reported.
  ///
  /// - Parameter handler: the handler.
  @LoopActor
  public func setExceptionHandler(_ handler: (@LoopActor (ExceptionContext) -> Void)?) {
    LoopCore.shared.state.pointee.exceptionHandler = handler
  }

  /// Who is told of errors that nobody retrieved; nil is the standard error stream.
  /// Python: `Loop.get_exception_handler()`.
  @LoopActor
  public var exceptionHandler: (@LoopActor (ExceptionContext) -> Void)? {
    LoopCore.shared.state.pointee.exceptionHandler
  }

  /// Writes a line about an error to the standard error stream: what is done where there is no other handler.
  /// Python: `Loop.default_exception_handler(context)`.
  @LoopActor
  public func defaultExceptionHandler(_ context: ExceptionContext) {
    LoopCore.shared.reportToStandardError(context)
  }

  /// Tells the exception handler of an error that is nobody else's. Python: `Loop.call_exception_handler(context)`.
  @LoopActor
  public func callExceptionHandler(_ context: ExceptionContext) { LoopCore.shared.report(context) }
}
