// The object behind a `LoopTask`: the record, and room for the result, where the body puts it.
//
// Its frames and its body are elsewhere, and go back to where they came from as soon as the task has finished, however
// long somebody holds a handle.
//
// The loop holds one reference from `createTask` until the task's last step; handles hold theirs.

import Builtin
import CTiny
import Scheduler

class TaskObject {
  // First, so that its address is known: contract 8 in CTiny.h.
  @exclusivity(unchecked) final var record: TaskRecord
  final let label: TaskLabel?
  /// Where the frames came from; nil is the heap. It lives as long as they do.
  final var pool: TaskPool?

  /// The error that the task ended with, if it did.
  final private(set) var error: TaskError?

  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  init(label: TaskLabel?) {
    record = TaskRecord(id: Loop.nextNumber(), flags: [])
    self.label = label
  }

  /// Ends the task with an error. It may not have begun.
  @inline(never)
  final func fail(_ error: TaskError) {
    self.error = error
    Loop.shared.finish(pointer)
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

/// A task's name: the address of a literal, which never moves and ends with a zero.
typealias TaskLabel = UnsafePointer<UInt8>

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

/// A body has ended: with its error, or without, and then its result is where it belongs.
@c(tiny_face_ends)
func bodyEnds(
  _ frames: UnsafeMutablePointer<tiny_frames>?, _ captured: UnsafeMutableRawPointer?, _ error: UnsafeRawPointer?
) {
  endBody(captured: captured)
  let record = UnsafeMutableRawPointer(frames.unsafelyUnwrapped).assumingMemoryBound(to: TaskRecord.self)
  if let error {
    let error = Unmanaged<TaskError>.fromOpaque(error).takeRetainedValue()
    TaskObject.from(record)._withUnsafeGuaranteedRef { $0.fail(error) }
  } else {
    Loop.shared.finish(record)
  }
  Loop.shared.retire(record)
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

/// A task object with room for a result. There is one such class for each type of result in a program, so all that can be
/// is in the class above.
final class TypedTaskObject<Success>: TaskObject {
  private let room = Room<Success>()

  /// Where the result is, if the task has finished without an error.
  var place: UnsafeMutablePointer<Success> { room.place }

  deinit {
    if error == nil { place.deinitialize(count: 1) }
  }

  /// What the body has returned. The task must have finished.
  func get() throws(TaskError) -> Success {
    record.flags.insert(.retrieved)
    if let error { throw error }
    return place.pointee
  }

  /// How the task has ended. It must have.
  var outcome: Result<Success, TaskError> {
    record.flags.insert(.retrieved)
    if let error { return .failure(error) }
    return .success(place.pointee)
  }
}
