// The object behind a `LoopTask`.
//
// One allocation holds all that is ours: the record, and a byte. Before the task has started, and after it has ended, it is in
// no wait list, and the words for that are free: one leads to its body, and later holds its value or its error, or leads to
// it; another one says of what type that is. The byte says which. That, and the record's packing, is what keeps a parked
// task at 80 bytes of ours, where the Swift runtime's own share is over a kilobyte.
//
// The object knows its value's type by that word, and has no type parameter itself: code that does not know its types has to
// ask the runtime for each type that is made of them, each time, and that is 330 instructions. So nothing here is made of
// `Success`: no subclass, no `Success?`, no `Result` until somebody asks for one.
//
// The loop holds one reference from `createTask` until the task's last step; handles hold theirs.

import CUAsyncIO
import Scheduler

@usableFromInline
class TaskObject: @unchecked Sendable {
  @exclusivity(unchecked)
  final var record: TaskRecord
  @exclusivity(unchecked)
  private final var baggage = Baggage.none

  init(record: TaskRecord) { self.record = record }

  deinit {
    if baggage != .none { discardBaggage() }
    if record.flags.contains(.named) { Births.forgetName(of: pointer) }
  }

  final var pointer: RecordPointer {
    @inline(__always) get {
      (Unmanaged.passUnretained(self).toOpaque() + Self.recordOffset).assumingMemoryBound(to: TaskRecord.self)
    }
  }

  @inline(__always)
  static func from(_ record: RecordPointer) -> Unmanaged<TaskObject> {
    assert(!record.pointee.flags.contains(.guest))
    return .fromOpaque(UnsafeMutableRawPointer(record) - recordOffset)
  }

  /// The first field of an object comes after its two words of header; `verifyLayout` makes sure.
  private static var recordOffset: Int {
    @inline(__always) get { 2 * MemoryLayout<UInt>.size }
  }

  /// The records of objects.
  static func records(of objects: UnsafeBufferPointer<UnsafeMutableRawPointer>) -> [RecordPointer] {
    objects.map { ($0 + recordOffset).assumingMemoryBound(to: TaskRecord.self) }
  }

  static func verifyLayout() {
    precondition(MemoryLayout<any Error>.size == MemoryLayout<UInt>.size, "an error is expected to be one word")
    for phase in TaskPhase.allCases { precondition(unsafeBitCast(phase, to: UInt8.self) == phase.rawValue) }
    let object = TaskObject(record: TaskRecord(id: 0, flags: []))
    withUnsafeMutablePointer(to: &object.record) {
      precondition($0 == object.pointer, "an object's first field is not where this library expects it")
    }
  }

  // MARK: - The task's life

  /// Runs the body and ends the task with what comes of it. (Each function that is isolated to an actor by name asks where it
  /// is, at its beginning and after each call: a hundred instructions each time.)
  ///
  /// The loop holds the object until the task has ended, so nothing here does.
  @inline(__always)
  static nonisolated(nonsending) func start(_ task: Unmanaged<TaskObject>) async {
    if task._withUnsafeGuaranteedRef({ $0.baggage == .bodyInScope }) { return await startInScope(task) }
    guard var body = task._withUnsafeGuaranteedRef({ $0.begin() }) else { return }
    do {
      if body.returnsFewWords {
        let words = try await body.takeAsWords().function()
        task._withUnsafeGuaranteedRef { $0.end(with: words, of: body.type) }
      } else {
        try await endWithValue(task, of: body, type: body.type)
      }
    } catch {
      task._withUnsafeGuaranteedRef { $0.fail(error) }
    }
  }

  /// The same for a body that is given a scope.
  private static nonisolated(nonsending) func startInScope(_ task: Unmanaged<TaskObject>) async {
    let scope = task._withUnsafeGuaranteedRef { $0.takeScope() }
    guard var body = task._withUnsafeGuaranteedRef({ $0.begin() }) else { return }
    do {
      let words = try await body.takeInScope().function(scope)
      task._withUnsafeGuaranteedRef { $0.end(with: words, of: body.type) }
    } catch {
      task._withUnsafeGuaranteedRef { $0.fail(error) }
    }
  }

  /// Runs the body, and keeps what it returns: its size is not known here, so room for it is made while it runs.
  private static nonisolated(nonsending) func endWithValue<Success>(
    _ task: Unmanaged<TaskObject>, of body: BodyWords, type: Success.Type
  ) async throws {
    var body = body
    let value = try await body.take(as: type).function()
    task._withUnsafeGuaranteedRef { $0.end(with: value) }
  }

  /// The body; nil if the task was cancelled before it began, and has ended.
  @inline(__always)
  private final func begin() -> BodyWords? {
    let body = takeBody()
    guard record.flags.contains(.cancelPending) else { return body }
    record.flags.remove(.cancelPending)
    body.discard()
    fail(LoopCore.shared.cancellation)
    return nil
  }

  @inline(__always)
  private final func end(with words: FewWords, of type: any Any.Type) {
    keep(words, of: type)
    end(failed: false)
  }

  private final func end<Success>(with value: consuming Success) {
    keep(value)
    end(failed: false)
  }

  private final func fail(_ error: any Error) {
    let loop = LoopCore.shared
    record.node.baggage = nil
    placeOfError.initialize(to: error)
    baggage = .error
    // Comparing references is a few instructions, asking for the type some hundred.
    let isOurs = UInt(bitPattern: record.node.baggage) == loop.state.pointee.wordOfCancellation
    end(failed: !isOurs && !(error is CancellationError))
  }

  @inline(__always)
  private final func end(failed: Bool) {
    let loop = LoopCore.shared
    loop.finish(pointer, failed: failed)
    // Where a task was left behind by a loop that was emptied, and has come back, the step is a guest's: nobody settles this.
    if loop.running != pointer { Unmanaged.passUnretained(self).release() }
  }

  /// The error that the task ended with.
  final var error: (any Error)? {
    @inline(__always) get { baggage == .error ? keptError : nil }
  }

  /// Whether the task ended with an error.
  final var hasFailed: Bool {
    @inline(__always) get { baggage == .error }
  }

  private final var keptError: any Error {
    placeOfError.pointee
  }

  /// What the task returned, or throws what it threw. It must have ended, and `type` must be that of its value.
  @inline(__always)
  final func get<Success>(_ type: Success.Type) throws -> Success {
    try retrieve()
    return value(type)
  }

  /// Where the value lies that the task returned, or throws what it threw. It must have ended, and `fits` must be what
  /// ``fits(_:)`` says of the value's type.
  @usableFromInline
  final func placeOfOutcome(fits: Bool) throws -> UnsafeMutableRawPointer {
    try retrieve()
    return placeOfValue(fits: fits)
  }

  /// The same, into memory that is not initialized.
  @inline(__always)
  final func get<Success>(into place: UnsafeMutablePointer<Success>) throws {
    try retrieve()
    place.initialize(from: placeOfValue(Success.self), count: 1)
  }

  /// Notes that somebody has asked for the outcome, and throws it if it is an error.
  @inline(__always)
  private final func retrieve() throws {
    record.flags.insert(.retrieved)
    if let error { throw error }
  }

  /// How the task ended. It must have.
  final func outcome<Success>(_ type: Success.Type) -> Result<Success, any Error> {
    record.flags.insert(.retrieved)
    if let error { return .failure(error) }
    return .success(value(type))
  }

  // MARK: - The words that are free before and after the task's life

  /// What is in them.
  private enum Baggage: UInt8 {
    case none
    /// The body's two words: its function in place of the job, its context in place of the link.
    case body
    /// The same of a body that is given a scope, which is in place of the context, and has that.
    case bodyInScope
    /// The body, in plain memory: there is a job already.
    case bodyElsewhere
    case value, error
  }

  /// Keeps the body until a worker begins with it.
  @inline(__always)
  final func keep(_ body: BodyWords) {
    record.function = body.function
    record.node.baggage = body.context
    record.type = body.type
    baggage = .body
  }

  /// Keeps a body that is given a scope.
  final func keep(_ body: BodyWords, in scope: TimeoutScope) {
    keep(body)
    scope.contextOfBody = body.context
    record.node.baggage = Unmanaged.passRetained(scope).toOpaque()
    baggage = .bodyInScope
  }

  /// The scope that the body is given; it is a body like others then.
  private final func takeScope() -> TimeoutScope {
    let scope = Unmanaged<TimeoutScope>.fromOpaque(record.node.baggage.unsafelyUnwrapped).takeRetainedValue()
    record.node.baggage = scope.contextOfBody
    baggage = .body
    return scope
  }

  /// Keeps the body of a task whose Swift task is there from the beginning.
  final func keepElsewhere(_ body: BodyWords) {
    let place = UnsafeMutablePointer<BodyWords>.allocate(capacity: 1)
    place.initialize(to: body)
    record.node.baggage = UnsafeMutableRawPointer(place)
    baggage = .bodyElsewhere
  }

  private final func takeBody() -> BodyWords {
    let words: BodyWords
    if baggage == .body {
      words = BodyWords(
        function: LoopCore.shared.state.pointee.workers.function, context: record.node.baggage, type: record.type)
      record.node.list = nil
    } else {
      let place = record.node.baggage.unsafelyUnwrapped.assumingMemoryBound(to: BodyWords.self)
      words = place.pointee
      place.deallocate()
    }
    record.node.baggage = nil
    baggage = .none
    return words
  }

  /// Whether values of a type fit into the word.
  @inlinable @inline(__always)
  static func fits<Success>(_ type: Success.Type) -> Bool {
    MemoryLayout<Success>.size <= MemoryLayout<UInt>.size
      && MemoryLayout<Success>.alignment <= MemoryLayout<UInt>.alignment && _isBitwiseTakable(type)
  }

  private final func keep<Success>(_ value: consuming Success) {
    let place = UnsafeMutablePointer<Success>.allocate(capacity: 1)
    place.initialize(to: value)
    record.node.baggage = UnsafeMutableRawPointer(place)
    record.type = Success.self
    baggage = .value
  }

  /// Keeps a value of some type that lies in `words`.
  @inline(__always)
  private final func keep(_ words: FewWords, of type: any Any.Type) {
    switch words.kind(of: type) {
    case .plainWord:
      // Nobody needs to know what it is when it goes.
      record.node.baggage = UnsafeMutableRawPointer(bitPattern: words.first)
      return
    case .word:
      record.node.baggage = UnsafeMutableRawPointer(bitPattern: words.first)
    case .more:
      record.node.baggage = words.moved(as: type)
    }
    record.type = type
    baggage = .value
  }

  @inline(__always)
  private final func value<Success>(_ type: Success.Type) -> Success {
    placeOfValue(type).pointee
  }

  @inline(__always)
  private final func placeOfValue<Success>(_ type: Success.Type) -> UnsafeMutablePointer<Success> {
    placeOfValue(fits: Self.fits(type)).assumingMemoryBound(to: Success.self)
  }

  @inline(__always)
  private final func placeOfValue(fits: Bool) -> UnsafeMutableRawPointer {
    fits ? wordOfValue : record.node.baggage.unsafelyUnwrapped
  }

  /// Where the word itself is.
  private final var wordOfValue: UnsafeMutableRawPointer {
    @inline(__always) get { pointer.node.baggagePlace }
  }

  /// The same for an error, which is a reference.
  private final var placeOfError: UnsafeMutablePointer<any Error> {
    @inline(__always) get { wordOfValue.assumingMemoryBound(to: (any Error).self) }
  }

  private final func discardBaggage() {
    switch baggage {
    case .none:
      break
    case .bodyInScope:
      _ = takeScope()
      discardBaggage()
    case .body:
      BodyWords(function: 0, context: record.node.baggage, type: Void.self).discard()
    case .bodyElsewhere:
      let place = record.node.baggage.unsafelyUnwrapped.assumingMemoryBound(to: BodyWords.self)
      place.pointee.discard()
      place.deallocate()
    case .value:
      discardValue(of: self.record.type)
    case .error:
      placeOfError.deinitialize(count: 1)
    }
  }

  fileprivate final func discardValue<Success>(of type: Success.Type) {
    placeOfValue(type).deinitialize(count: 1)
    if !Self.fits(type) { record.node.baggage.unsafelyUnwrapped.deallocate() }
  }
}

struct Body<Success> {
  let function: @LoopActor () async throws -> Success
}

/// The same body, as whoever is on the loop without saying so may call it.
private struct CalledBody<Success> {
  let function: @LoopActor () async throws -> sending Success
}

/// A body that is given a time-out scope.
struct BodyInScope<Success> {
  let function: @LoopActor (TimeoutScope) async throws -> Success
}

private typealias CalledBodyInScope = CalledInScope<FewWords>

private struct CalledInScope<Success> {
  let function: @LoopActor (TimeoutScope) async throws -> sending Success
}

/// Room for what most bodies return.
///
/// A function that lies in a generic type is given the address at which to leave its value, whatever that is. So one that
/// returns a `Success` can be called as if it returned this, if that is no larger and may be moved as plain memory: then the
/// room is part of the caller's frame. Else it would have to be allocated while the task runs, as nobody knows how much that is.
private struct FewWords {
  var first: UInt
  var others: (UInt, UInt, UInt)

  static func fit<Success>(_ type: Success.Type) -> Bool {
    MemoryLayout<Success>.size <= MemoryLayout<Self>.size
      && MemoryLayout<Success>.alignment <= MemoryLayout<Self>.alignment && _isBitwiseTakable(type)
  }

  enum Kind { case plainWord, word, more }

  @inline(__always)
  func kind(of type: any Any.Type) -> Kind {
    func kind<Success>(of type: Success.Type) -> Kind {
      TaskObject.fits(type) ? _isPOD(type) ? .plainWord : .word : .more
    }
    return kind(of: type)
  }

  /// Moves the value to a place of its own.
  func moved<Success>(as type: Success.Type) -> UnsafeMutableRawPointer {
    let place = UnsafeMutableRawPointer(UnsafeMutablePointer<Success>.allocate(capacity: 1))
    withUnsafeBytes(of: self) {
      place.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: MemoryLayout<Success>.size)
    }
    return place
  }
}

/// A body, known by words. The reference in it is counted by hand: whoever has the words has one.
struct BodyWords {
  var function: UInt
  var context: UnsafeMutableRawPointer?
  /// The type of what it returns.
  var type: any Any.Type

  init(function: UInt, context: UnsafeMutableRawPointer?, type: any Any.Type) {
    self.function = function
    self.context = context
    self.type = type
  }

  @inline(__always)
  init<Success>(_ body: Body<Success>) {
    (function, context) = unsafeBitCast(body, to: (UInt, UnsafeMutableRawPointer?).self)
    type = Success.self
    if let context { _ = Unmanaged<AnyObject>.fromOpaque(context).retain() }
  }

  /// A body that is given a scope; nil if it returns more than a few words.
  @inline(__always)
  init?<Success>(_ body: BodyInScope<Success>) {
    guard FewWords.fit(Success.self) else { return nil }
    (function, context) = unsafeBitCast(body, to: (UInt, UnsafeMutableRawPointer?).self)
    type = Success.self
    if let context { _ = Unmanaged<AnyObject>.fromOpaque(context).retain() }
  }

  /// Whether what it returns fits into a few words.
  fileprivate var returnsFewWords: Bool {
    @inline(__always) get {
      func fit<Success>(_ type: Success.Type) -> Bool { FewWords.fit(type) }
      return fit(self.type)
    }
  }

  /// The body; once.
  @inline(__always)
  fileprivate mutating func take<Success>(as type: Success.Type) -> CalledBody<Success> {
    withUnsafeMutablePointer(to: &self) {
      UnsafeMutableRawPointer($0).assumingMemoryBound(to: CalledBody<Success>.self).move()
    }
  }

  /// The same where it returns a few words.
  @inline(__always)
  fileprivate mutating func takeAsWords() -> CalledBody<FewWords> { take(as: FewWords.self) }

  /// The same where it is given a scope.
  fileprivate mutating func takeInScope() -> CalledBodyInScope {
    withUnsafeMutablePointer(to: &self) {
      UnsafeMutableRawPointer($0).assumingMemoryBound(to: CalledBodyInScope.self).move()
    }
  }

  @inline(__always)
  func discard() {
    if let context { Unmanaged<AnyObject>.fromOpaque(context).release() }
  }
}

extension LoopCore {
  /// The object of the task that has its first step.
  var newborn: Unmanaged<TaskObject> {
    @inline(__always) get { TaskObject.from(running.unsafelyUnwrapped) }
  }
}
