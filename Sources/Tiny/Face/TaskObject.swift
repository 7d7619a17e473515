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

  init(record: TaskRecord, label: TaskLabel?) {
    self.record = record
    self.label = label
    pool = nil
  }

  /// Lets go of a body that will never run.
  func discardBody() {}

  /// The error that the task ended with, if it did.
  var error: TaskError? { nil }

  /// Ends the task without its having begun.
  func refuse(_ error: TaskError) {}

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

/// A task object with room for a result.
final class TypedTaskObject<Success>: TaskObject {
  private var body: Coroutine<Success>?
  #if arch(riscv32)
    @exclusivity(unchecked) private var bridge = tiny_thin_bridge()
  #endif
  private var stored: Result<Success, TaskError>?

  init(id: UInt32, label: TaskLabel?, body: @escaping Coroutine<Success>) {
    self.body = body
    super.init(record: TaskRecord(id: id, flags: .unstarted), label: label)
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
    let function: nonisolated(nonsending) (UnsafeMutableRawPointer) async -> Void = { address in
      await Unmanaged<TypedTaskObject<Success>>.fromOpaque(address)._withUnsafeGuaranteedRef { $0 }.start()
    }
  }

  /// Runs the body and ends the task with what comes of it.
  private nonisolated(nonsending) func start() async {
    record.flags.remove(.unstarted)
    guard !record.flags.contains(.cancelPending), let body else {
      record.flags.remove(.cancelPending)
      return refuse(.cancelled)
    }
    self.body = nil
    do throws(TaskError) {
      finish(.success(try await body()))
    } catch {
      finish(.failure(error))
    }
  }

  private func finish(_ result: Result<Success, TaskError>) {
    stored = result
    Loop.shared.finish(pointer)
  }

  override func discardBody() { body = nil }

  override func refuse(_ error: TaskError) {
    discardBody()
    finish(.failure(error))
  }

  override var error: TaskError? {
    if case .failure(let error)? = stored { error } else { nil }
  }

  /// How the task ended. It must have.
  var outcome: Result<Success, TaskError> {
    record.flags.insert(.retrieved)
    return stored.unsafelyUnwrapped
  }
}
