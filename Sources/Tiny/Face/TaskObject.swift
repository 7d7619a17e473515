// The object behind a `LoopTask`: the record, the body until it has started, and room for the result.
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
    record = TaskRecord(id: Loop.nextNumber(), flags: .unstarted)
    self.label = label
    pool = nil
    error = nil
  }

  /// Lets go of a body that will never run.
  func discardBody() {}

  /// Ends the task with an error. It may not have begun.
  @inline(never)
  final func fail(_ error: TaskError) {
    discardBody()
    self.error = error
    Loop.shared.finish(pointer)
  }

  /// The first step: whether the body is to run. One that was cancelled before never does.
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  final func begin() -> Bool {
    record.flags.remove(.unstarted)
    guard record.flags.contains(.cancelPending) else { return true }
    record.flags.remove(.cancelPending)
    fail(.cancelled)
    return false
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

/// A task object with room for a result. There is one such class for each type of result in a program, so all that can be
/// is in the class above.
final class TypedTaskObject<Success>: TaskObject {
  private var body: Coroutine<Success>?
  #if arch(riscv32)
    @exclusivity(unchecked) private var bridge = tiny_thin_bridge()
  #endif
  private var value: Success?

  init(label: TaskLabel?, body: @escaping Coroutine<Success>) {
    self.body = body
    value = nil
    super.init(label: label)
    #if arch(riscv32)
      bridgeThinBody(body)
    #endif
  }

  #if arch(riscv32)
    private struct Body {
      let function: Coroutine<Success>
    }

    /// See Runtime/Thin.c.
    private func bridgeThinBody(_ function: @escaping Coroutine<Success>) {
      var value = Body(function: function)
      withUnsafeMutableBytes(of: &value) { words in
        let captured = MemoryLayout<UInt>.size
        guard words.load(fromByteOffset: captured, as: UInt.self) == 0 else { return }
        let thin = words.load(as: UnsafeRawPointer.self)
        withUnsafeMutablePointer(to: &bridge) {
          tiny_thin_bridge_make($0, thin)
          words.storeBytes(of: UnsafeMutableRawPointer($0), as: UnsafeMutableRawPointer.self)
          words.storeBytes(
            of: UnsafeMutableRawPointer($0) + MemoryLayout<UInt64>.size, toByteOffset: captured,
            as: UnsafeMutableRawPointer.self)
        }
        body = words.assumingMemoryBound(to: Body.self)[0].function
      }
    }
  #endif

  /// The async function that a coroutine begins with, as a value: contract 7 says where its address is.
  struct Entry {
    /// Runs the body and ends the task with what comes of it.
    let function: nonisolated(nonsending) (UnsafeMutableRawPointer) async -> Void = { address in
      let object = Unmanaged<TypedTaskObject<Success>>.fromOpaque(address)
      guard let body = object._withUnsafeGuaranteedRef({ $0.takeBody() }) else { return }
      do throws(TaskError) {
        let value = try await body()
        object._withUnsafeGuaranteedRef { $0.finish(value) }
      } catch {
        object._withUnsafeGuaranteedRef { $0.fail(error) }
      }
    }
  }

  @inline(__always)
  private func takeBody() -> Coroutine<Success>? {
    guard begin() else { return nil }
    let body = self.body
    self.body = nil
    return body
  }

  @inline(__always)
  private func finish(_ value: Success) {
    self.value = value
    Loop.shared.finish(pointer)
  }

  override func discardBody() { body = nil }

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
