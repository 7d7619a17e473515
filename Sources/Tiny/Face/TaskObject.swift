// The object behind a `LoopTask`: the record, the body until it has ended, and room for the result.
//
// Its frames are elsewhere, and go back to where they came from as soon as the task has finished, however long somebody
// holds a handle.
//
// The loop holds one reference from `createTask` until the task's last step; handles hold theirs.

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
    pool = nil
    error = nil
  }

  /// Lets go of the body, which has ended or will never run, and takes its result if there is one.
  func endBody(_ result: UnsafeMutableRawPointer?) {}

  /// Ends the task with an error. It may not have begun.
  @inline(never)
  final func fail(_ error: TaskError) {
    endBody(nil)
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
struct Body<Success> {
  let function: Coroutine<Success>

  init(_ function: @escaping Coroutine<Success>) { self.function = function }

  @inline(__always)
  func withWords<Result>(_ use: (UnsafePointer<tiny_body>) -> Result) -> Result {
    withUnsafeBytes(of: self) { use($0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: tiny_body.self)) }
  }
}

/// A body has ended: with its result or its error, or without either, because it was cancelled before it began.
@c(tiny_face_ends)
func bodyEnds(
  _ frames: UnsafeMutablePointer<tiny_frames>?, _ result: UnsafeMutableRawPointer?, _ error: UnsafeMutableRawPointer?
) {
  let record = UnsafeMutableRawPointer(frames.unsafelyUnwrapped).assumingMemoryBound(to: TaskRecord.self)
  TaskObject.from(record)._withUnsafeGuaranteedRef { object in
    if let result {
      object.endBody(result)
      Loop.shared.finish(record)
    } else {
      object.fail(error.map { Unmanaged<TaskError>.fromOpaque($0).takeRetainedValue() } ?? .cancelled)
    }
  }
}

/// A task object with room for a result. There is one such class for each type of result in a program, so all that can be
/// is in the class above.
final class TypedTaskObject<Success>: TaskObject {
  private var body: Body<Success>?
  private var value: Success?

  init(label: TaskLabel?, body: Body<Success>) {
    self.body = body
    value = nil
    super.init(label: label)
  }

  override func endBody(_ result: UnsafeMutableRawPointer?) {
    body = nil
    if let result { value = result.assumingMemoryBound(to: Success.self).move() }
  }

  /// What the body has returned. The task must have finished.
  func get() throws(TaskError) -> Success {
    record.flags.insert(.retrieved)
    if let error { throw error }
    return value.unsafelyUnwrapped
  }

  /// How the task has ended. It must have.
  var outcome: Result<Success, TaskError> {
    record.flags.insert(.retrieved)
    if let error { return .failure(error) }
    return .success(value.unsafelyUnwrapped)
  }
}
