// The object behind a `LoopTask`: the record, room for the result, where the body puts it, and behind that the frames, unless
// they are in a pool.
//
// It is one block, and goes back to the heap when nobody holds a handle any more. (A place in a pool is free as soon as the task
// has finished, and so is what its body has captured.)
//
// The loop holds one reference from `createTask` until the task's last step; handles hold theirs.

import Builtin
import CTiny
import Scheduler

class TaskObject {
  // First, so that its address is known: contract 8 in CTiny.h.
  @exclusivity(unchecked) final var record: TaskRecord

  /// Objects are made by `TypedTaskObject.allocate`, which gives room for frames as well.
  init(_ nobody: Never) { switch nobody {} }

  /// `TaskRecord.error` as an object.
  final var error: TaskError? { record.error?.takeUnretainedValue() }

  /// The same, for somebody who asks; so it need not be reported any more.
  @inline(never)
  final func retrieveError() -> TaskError {
    record.flags.insert(.retrieved)
    return error.unsafelyUnwrapped
  }

  final var pointer: RecordPointer {
    @inline(__always) get { (address + 2 * MemoryLayout<UInt>.size).assumingMemoryBound(to: TaskRecord.self) }
  }

  final var address: UnsafeMutableRawPointer {
    @inline(__always) get { Unmanaged.passUnretained(self).toOpaque() }
  }

  @inline(__always)
  static func from(_ record: RecordPointer) -> Unmanaged<TaskObject> {
    .fromOpaque(UnsafeMutableRawPointer(record) - 2 * MemoryLayout<UInt>.size)
  }
}

/// A coroutine, as the functions here take it: it runs where it is called.
public typealias Coroutine<Success> = nonisolated(nonsending) () async throws(TaskError) -> Success

/// A coroutine as a function value of a generic type: contracts 7 and 9 in CTiny.h.
private struct Body<Success> {
  let function: Coroutine<Success>
}

/// The words of a coroutine. Whoever takes them owes it an `endBody`.
@inline(__always)
func takeWords<Success>(of function: consuming @escaping Coroutine<Success>) -> tiny_body {
  let body = Body(function: function)
  var words = tiny_body()
  withUnsafeMutableBytes(of: &words) {
    _ = $0.baseAddress.unsafelyUnwrapped.initializeMemory(as: Body<Success>.self, to: body)
  }
  return words
}

/// Gives back what a body has captured, which has ended or will never run.
func endBody(captured: UnsafeMutableRawPointer?) {
  if let captured { tiny_release(captured) }
}

/// A body has ended, and its result is where it belongs.
@c(tiny_face_ends)
func bodyEnds(_ frames: FramesPointer?, _ captured: UnsafeMutableRawPointer?) -> FramesPointer? {
  Loop.shared.end(RecordPointer(frames: frames.unsafelyUnwrapped), captured: captured)
}

/// A body has ended with its error, or will never run.
@c(tiny_face_fails)
func bodyFails(
  _ frames: FramesPointer?, _ captured: UnsafeMutableRawPointer?, _ error: UnsafeRawPointer?
) -> FramesPointer? {
  let record = RecordPointer(frames: frames.unsafelyUnwrapped)
  record.pointee.error = .fromOpaque(error.unsafelyUnwrapped)
  return Loop.shared.end(record, captured: captured)
}

/// Room for a value that may not be there. The body writes it from below, where no type is known, so it is not an optional.
@_rawLayout(like: Value, movesAsLike)
struct Room<Value>: ~Copyable {
  init() {}
  // Whoever owns it knows whether there is something in it.
  deinit {}

  var place: UnsafeMutablePointer<Value> {
    @inline(__always) borrowing get { UnsafeMutablePointer(Builtin.addressOfRawLayout(self)) }
  }
}

/// What frames are measured in: two words.
#if _pointerBitWidth(_64)
  typealias FrameUnit = SIMD2<UInt64>
#else
  typealias FrameUnit = UInt64
#endif

extension FrameUnit {
  static var bytes: Int { 2 * MemoryLayout<UInt>.size }

  /// How many units so many bytes need.
  @inline(__always)
  static func count(for bytes: Int) -> Int { (bytes &+ Self.bytes &- 1) / Self.bytes }
}

/// A task object with room for a result. There is one such class for each type of result in a program, so all that can be
/// is in the class above.
final class TypedTaskObject<Success>: TaskObject {
  private let room = Room<Success>()

  /// An object whose record is still to be written, with so many bytes for frames.
  @inline(__always)
  static func allocate(frameBytes: Int) -> TypedTaskObject {
    let units = FrameUnit.count(for: frameBytes)
    return Builtin.allocWithTailElems_1(TypedTaskObject<Success>.self, units._builtinWordValue, FrameUnit.self)
  }

  /// Where the frames are.
  var tail: UnsafeMutableRawPointer {
    @inline(__always) get { UnsafeMutableRawPointer(Builtin.projectTailElems(self, FrameUnit.self)) }
  }

  /// Where the result is, if the task has finished without an error.
  var place: UnsafeMutablePointer<Success> {
    @inline(__always) get { room.place }
  }

  deinit {
    if let error = record.error { tiny_release_error(error.toOpaque()) } else { place.deinitialize(count: 1) }
  }

  /// What the body has returned. The task must have finished.
  func get() throws(TaskError) -> Success {
    if record.error != nil { throw retrieveError() }
    return place.pointee
  }

  /// How the task has ended. It must have.
  var outcome: Result<Success, TaskError> {
    if record.error != nil { return .failure(retrieveError()) }
    return .success(place.pointee)
  }
}
