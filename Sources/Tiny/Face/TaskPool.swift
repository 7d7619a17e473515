import CTiny

/// Room for the frames of a fixed number of tasks, in storage that the program provides.
///
///     let pool = TaskPool(storage: room, taskSize: 256)
///     createTask(in: pool) { () throws(TaskError) in try await blink() }
///
/// A task takes a place when it is created and gives it back when it has finished. If there is none, the task fails
/// with ``TaskError/poolExhausted``, and nothing else is harmed. A task that needs more than its place has ends the
/// program with a message that names it and says how much it needs; nothing is overwritten before. What tasks really
/// need is told by ``LoopTask/frameBytes``.
public final class TaskPool {
  private var firstFree: UnsafeMutableRawPointer?
  /// What is to be given back with the pool.
  private var ownStorage: UnsafeMutableRawPointer?
  /// The bytes in each place.
  public let taskSize: Int
  /// How many tasks there is room for.
  public let capacity: Int
  /// How many places are taken.
  public private(set) var count = 0
  /// The most places that were ever taken at once.
  public private(set) var peak = 0

  /// Divides the storage into places.
  ///
  /// - Parameters:
  ///   - storage: stays where it is, and belongs to the pool, as long as the pool or one of its tasks is alive.
  ///   - taskSize: bytes for the frames of one task, rounded up to a multiple of two words.
  public init(storage: UnsafeMutableRawBufferPointer, taskSize: Int) {
    self.taskSize = FrameUnit.count(for: max(taskSize, 1)) * FrameUnit.bytes
    var places = 0
    if let base = storage.baseAddress {
      let skipped = -Int(bitPattern: base) & (FrameUnit.bytes - 1)
      places = max(0, (storage.count - skipped) / self.taskSize)
      var index = places
      while index > 0 {
        index -= 1
        let place = base + skipped + index * self.taskSize
        place.storeBytes(of: firstFree, as: UnsafeMutableRawPointer?.self)
        firstFree = place
      }
    }
    capacity = places
  }

  /// Takes its room from the heap, at once.
  public convenience init(capacity: Int, taskSize: Int) {
    let bytes = capacity * FrameUnit.count(for: max(taskSize, 1)) * FrameUnit.bytes
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: FrameUnit.bytes)
    self.init(storage: storage, taskSize: taskSize)
    ownStorage = storage.baseAddress
  }

  deinit { ownStorage?.deallocate() }

  /// A place for a coroutine's frames; nil if there is none, or if they are smaller than it needs to begin with.
  @inline(never)
  func take(_ needed: Int) -> UnsafeMutableRawPointer? {
    guard let place = firstFree, needed <= taskSize else { return nil }
    firstFree = place.load(as: UnsafeMutableRawPointer?.self)
    count += 1
    if count > peak { peak = count }
    return place
  }

  func giveBack(_ place: UnsafeMutableRawPointer) {
    place.storeBytes(of: firstFree, as: UnsafeMutableRawPointer?.self)
    firstFree = place
    count -= 1
  }
}

/// Where tasks get their room that do not say. Not in the loop's state, so that the linker sees whether a program sets it.
nonisolated(unsafe) private var usualPool: TaskPool?

/// Says from where tasks get their room that name neither a pool nor a size: from a pool.
public func useTaskPool(_ pool: TaskPool) {
  Loop.make()
  usualPool = pool
}

/// Says from where tasks get their room that name neither a pool nor a size: from the heap, so many bytes each.
public func useTaskSize(_ bytes: Int) {
  Loop.make()
  usualPool = nil
  Loop.shared.state.pointee.taskSize = UInt32(clamping: max(1, bytes))
}

extension Loop {
  static var usualPool: TaskPool? { UAsyncIO.usualPool }

  static var usualTaskSize: Int { 64 * MemoryLayout<UInt>.size }

  /// How many bytes of frames a task gets on the heap that does not say.
  var taskSize: Int {
    @inline(__always) get {
      #if UASYNCIO_BOARD
        // Memory begins as zeros there.
        if state.pointee.taskSize == 0 { return Self.usualTaskSize }
      #endif
      return Int(state.pointee.taskSize)
    }
  }
}

/// Called by the runtime before a frame would be put where there is no room.
@c(tiny_frames_overflow)
func framesOverflow(_ frames: UnsafeMutablePointer<tiny_frames>, needed: Int) -> Never {
  let record = UnsafeMutableRawPointer(frames).assumingMemoryBound(to: TaskRecord.self)
  writeText("panic: ")
  writeName(of: TaskObject.from(record)._withUnsafeGuaranteedRef { $0 })
  writeText(" needs ")
  writeNumber(needed)
  writeText(" bytes for its frames and has ")
  writeNumber(frames.pointee.end - frames.pointee.base)
  writeText("\n")
  tiny_board_exit(71)
}
