import Synchronization

/// What making a task needs, and any thread may do: the tasks' numbers and names, and how they are made.
enum Births {
  private static let number = Atomic<UInt32>(0)
  private static let staysOnLoop = Atomic<Bool>(false)
  /// The names of the tasks that have one of their own, by the addresses of their records: a name lasts as long as the
  /// task's object.
  private static let names = Locked<[UInt: String]>([:])

  static func nextNumber() -> UInt32 {
    number.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// Starts numbering anew, so that a fresh loop gives the same names again.
  static func restart() {
    number.store(0, ordering: .relaxed)
  }

  /// Whether tasks are made with a preference for the loop, which keeps native children on its thread.
  static var keepsChildrenOnLoop: Bool { staysOnLoop.load(ordering: .relaxed) }

  static func keepChildrenOnLoop(_ keep: Bool) { staysOnLoop.store(keep, ordering: .relaxed) }

  static func setName(_ name: String, of record: RecordPointer) {
    record.pointee.flags.insert(.named)
    names.withLock { $0[UInt(bitPattern: record)] = name }
  }

  static func name(of record: RecordPointer) -> String {
    let given = record.pointee.flags.contains(.named) ? names.withLock { $0[UInt(bitPattern: record)] } : nil
    return given ?? "task-\(record.pointee.node.id)"
  }

  static func forgetName(of record: RecordPointer) {
    names.withLock { $0[UInt(bitPattern: record)] = nil }
  }
}

extension LoopCore {
  func name(of record: RecordPointer) -> String {
    if record.pointee.flags.contains(.guest) { return "a native task" }
    if record.pointee.flags.contains(.notATask) { return "a callback" }
    return Births.name(of: record)
  }
}
