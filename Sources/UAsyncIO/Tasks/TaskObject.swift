// The object behind a `LoopTask`.
//
// One allocation holds all that is ours: the record, and room for the result. Before the task has started, the word
// that links it backwards in wait lists holds its body instead; after it has failed, its error. (It is in no wait list
// then.) That, and the record's packing, is what keeps a parked task at 80 bytes of ours, where the Swift runtime's own
// share is over a kilobyte.
//
// The loop holds one reference from `createTask` until the task's last step; handles hold theirs.

import CUAsyncIO
import Scheduler

class TaskObject {
  @exclusivity(unchecked)
  final var record: TaskRecord

  init(record: TaskRecord) { self.record = record }

  deinit {
    discardBaggage()
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

  fileprivate final func setBaggage(_ object: AnyObject) {
    record.node.baggage = Unmanaged.passRetained(object).toOpaque()
  }

  fileprivate final func takeBaggage<Kind: AnyObject>(as kind: Kind.Type) -> Kind {
    defer { record.node.baggage = nil }
    return Unmanaged<Kind>.fromOpaque(record.node.baggage.unsafelyUnwrapped).takeRetainedValue()
  }

  /// Releases a body that was never started, or an error.
  private func discardBaggage() {
    guard let baggage = record.node.baggage else { return }
    Unmanaged<AnyObject>.fromOpaque(baggage).release()
  }

  /// The error that the task ended with.
  final var error: (any Error)? {
    guard record.phase == .finished, let baggage = record.node.baggage else { return nil }
    return Unmanaged<ErrorBox>.fromOpaque(baggage).takeUnretainedValue().error
  }

  fileprivate final func fail(_ error: any Error) {
    setBaggage(ErrorBox(error))
    LoopCore.shared.finish(pointer, failed: !(error is CancellationError))
  }
}

private final class ErrorBox {
  let error: any Error
  init(_ error: any Error) { self.error = error }
}

private final class BodyBox<Success> {
  let body: @LoopActor () async throws -> Success
  init(_ body: @escaping @LoopActor () async throws -> Success) { self.body = body }
}

/// A task object with room for a result.
final class TypedTaskObject<Success>: TaskObject, @unchecked Sendable {
  private var value: Success?

  init(id: UInt32, body: @escaping @LoopActor () async throws -> Success) {
    super.init(record: TaskRecord(id: id, flags: []))
    setBaggage(BodyBox(body))
  }

  @LoopActor override func start() async {
    let body = takeBaggage(as: BodyBox<Success>.self).body
    if record.flags.contains(.cancelPending) {
      record.flags.remove(.cancelPending)
      return fail(CancellationError())
    }
    do {
      value = try await body()
      LoopCore.shared.finish(pointer, failed: false)
    } catch {
      fail(error)
    }
  }

  /// How the task ended. It must have.
  var outcome: Result<Success, any Error> {
    record.flags.insert(.retrieved)
    if let error { return .failure(error) }
    return .success(value.unsafelyUnwrapped)
  }
}

/// The body of every Swift task that we make. It captures nothing, so it needs no context of its own.
@LoopActor
func startNewborn() async {
  let object = TaskObject.from(LoopCore.shared.running.unsafelyUnwrapped).takeUnretainedValue()
  await object.start()
}
