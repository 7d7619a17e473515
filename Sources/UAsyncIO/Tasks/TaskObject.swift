// The object behind a `LoopTask`.
//
// One allocation holds all that is ours: the record, and a byte. Before the task has started, the word that links it
// backwards in wait lists leads to its body; after it has ended, the word holds its value or its error, or leads to it.
// (It is in no wait list then.) The byte says which. That, and the record's packing, is what keeps a parked task at 80
// bytes of ours, where the Swift runtime's own share is over a kilobyte.
//
// What the word leads to is plain memory, and the value is no `Success?`: code that does not know its types has to ask
// the runtime for each type that is made of them, each time, and that is 330 instructions (measured: a quarter of a
// task's making and ending).
//
// The loop holds one reference from `createTask` until the task's last step; handles hold theirs.

import CUAsyncIO
import Scheduler

class TaskObject {
  @exclusivity(unchecked)
  final var record: TaskRecord
  @exclusivity(unchecked)
  fileprivate final var baggage = Baggage.none

  init(record: TaskRecord) { self.record = record }

  deinit {
    discardError()
    if record.flags.contains(.named) { Births.forgetName(of: pointer) }
  }

  /// Runs the body and ends the task with what comes of it.
  @LoopActor func start() async { fatalError("overridden") }

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

  static func verifyLayout() {
    for phase in TaskPhase.allCases { precondition(unsafeBitCast(phase, to: UInt8.self) == phase.rawValue) }
    let object = TaskObject(record: TaskRecord(id: 0, flags: []))
    withUnsafeMutablePointer(to: &object.record) {
      precondition($0 == object.pointer, "an object's first field is not where this library expects it")
    }
  }

  // MARK: - The word that is free before and after the task's life

  /// What is in the word.
  fileprivate enum Baggage: UInt8 {
    case none, body, value, error
  }

  fileprivate final func setBaggage(_ kind: Baggage, _ word: UnsafeMutableRawPointer?) {
    record.node.baggage = word
    baggage = kind
  }

  private func discardError() {
    guard baggage == .error, let word = record.node.baggage else { return }
    Unmanaged<ErrorBox>.fromOpaque(word).release()
  }

  /// The error that the task ended with.
  final var error: (any Error)? {
    guard baggage == .error, let word = record.node.baggage else { return nil }
    return Unmanaged<ErrorBox>.fromOpaque(word).takeUnretainedValue().error
  }

  fileprivate final func fail(_ error: any Error) {
    setBaggage(.error, Unmanaged.passRetained(ErrorBox(error)).toOpaque())
    LoopCore.shared.finish(pointer, failed: !(error is CancellationError))
  }
}

private final class ErrorBox {
  let error: any Error
  init(_ error: any Error) { self.error = error }
}

private struct Body<Success> {
  let function: @LoopActor () async throws -> Success
}

/// A body without its type: asking for `Body<Success>` costs as much as making a task's memory. The reference in it is
/// counted by hand.
private struct BodyWords {
  var function: UInt
  var context: UnsafeRawPointer?

  /// Keeps a body.
  @inline(__always)
  init<Success>(_ body: Body<Success>) {
    self = unsafeBitCast(body, to: BodyWords.self)
    if let context { _ = Unmanaged<AnyObject>.fromOpaque(context).retain() }
  }

  /// The body that was kept; once.
  @inline(__always)
  func take<Success>(as type: Success.Type) -> Body<Success> {
    defer { if let context { Unmanaged<AnyObject>.fromOpaque(context).release() } }
    return unsafeBitCast(self, to: Body<Success>.self)
  }
}

/// A task object whose value has a type.
final class TypedTaskObject<Success>: TaskObject, @unchecked Sendable {
  init(id: UInt32, body: @escaping @LoopActor () async throws -> Success) {
    super.init(record: TaskRecord(id: id, flags: []))
    let place = UnsafeMutablePointer<BodyWords>.allocate(capacity: 1)
    place.initialize(to: BodyWords(Body(function: body)))
    setBaggage(.body, place)
  }

  deinit {
    switch baggage {
    case .none, .error: break
    case .body: _ = takeBody()
    case .value: discardValue()
    }
  }

  @LoopActor override func start() async {
    let body = takeBody()
    if record.flags.contains(.cancelPending) {
      record.flags.remove(.cancelPending)
      return fail(CancellationError())
    }
    do {
      keep(try await body.function())
      LoopCore.shared.finish(pointer, failed: false)
    } catch {
      fail(error)
    }
  }

  /// How the task ended. It must have.
  @inline(__always)
  var outcome: Result<Success, any Error> {
    record.flags.insert(.retrieved)
    if let error { return .failure(error) }
    return .success(value)
  }

  // MARK: - What the word holds, or leads to

  private func takeBody() -> Body<Success> {
    let place = record.node.baggage.unsafelyUnwrapped.assumingMemoryBound(to: BodyWords.self)
    setBaggage(.none, nil)
    defer { place.deallocate() }
    return place.pointee.take(as: Success.self)
  }

  /// Whether values of this type fit into the word.
  private static var fits: Bool {
    @inline(__always) get {
      MemoryLayout<Success>.size <= MemoryLayout<UInt>.size
        && MemoryLayout<Success>.alignment <= MemoryLayout<UInt>.alignment && _isBitwiseTakable(Success.self)
    }
  }

  private func keep(_ value: Success) {
    if Self.fits {
      var word: UInt = 0
      withUnsafeMutablePointer(to: &word) {
        UnsafeMutableRawPointer($0).assumingMemoryBound(to: Success.self).initialize(to: value)
      }
      setBaggage(.value, UnsafeMutableRawPointer(bitPattern: word))
    } else {
      let place = UnsafeMutablePointer<Success>.allocate(capacity: 1)
      place.initialize(to: value)
      setBaggage(.value, place)
    }
  }

  private var value: Success {
    guard Self.fits else { return record.node.baggage.unsafelyUnwrapped.assumingMemoryBound(to: Success.self).pointee }
    return withUnsafeBytes(of: UInt(bitPattern: record.node.baggage)) {
      $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Success.self).pointee
    }
  }

  private func discardValue() {
    guard Self.fits else {
      let place = record.node.baggage.unsafelyUnwrapped.assumingMemoryBound(to: Success.self)
      place.deinitialize(count: 1)
      return place.deallocate()
    }
    withUnsafeBytes(of: UInt(bitPattern: record.node.baggage)) {
      _ = UnsafeMutableRawPointer(mutating: $0.baseAddress.unsafelyUnwrapped)
        .assumingMemoryBound(to: Success.self).deinitialize(count: 1)
    }
  }
}

extension LoopCore {
  /// The object of the task that has its first step.
  var newborn: TaskObject {
    @inline(__always) get { TaskObject.from(running.unsafelyUnwrapped).takeUnretainedValue() }
  }
}
