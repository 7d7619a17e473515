// The short way through a queue, for items that are `Sendable`.
//
// `put` and `get` of any item are isolated to the loop, or an item could leave it. That costs a change of actors at their
// beginning and at their end, 120 instructions each, even if nothing is waited for. Items that are `Sendable` may go
// anywhere: for them there are these two, which run where their caller does, and which the compiler prefers.
//
// The storage is touched on the loop's thread only, so the first thing that is asked is whether this is it; together
// with whether there is room or an item, in one call.

import CUAsyncIO
import Scheduler

extension Queue where Element: Sendable {
  /// The same as `put` of any item; it can be cancelled in the same place.
  @inlinable @inline(__always) @_documentation(visibility: internal)
  public nonisolated(nonsending) func put(_ element: Element) async throws {
    if !gate.addItemAtOnce() {
      guard try gate.beginWaitForRoom() else { return try await putFromElsewhere(element) }
      await park()
      try gate.endWaitForRoom()
    }
    storage.insert(element)
  }

  /// The same as `get` of any item; it can be cancelled in the same place.
  @inlinable @inline(__always) @_documentation(visibility: internal)
  public nonisolated(nonsending) func get() async throws -> Element {
    if !gate.takeItemAtOnce() {
      guard try gate.beginWaitForItem() else { return try await getFromElsewhere() }
      await park()
      try gate.endWaitForItem()
    }
    return storage.removeNext()
  }
}

extension Queue {
  /// The long way, for callers that are not tasks of ours, and for those that have been cancelled already. (Here nobody
  /// knows that the items are `Sendable`, so it is the other `put` that is called.)
  @usableFromInline
  func putFromElsewhere(_ element: Element) async throws { try await put(element) }

  @usableFromInline
  func getFromElsewhere() async throws -> Element { try await get() }
}

extension QueueGate {
  /// Takes room that is promised to nobody, if there is some and this is the loop's thread; the caller puts its item there.
  @usableFromInline
  func addItemAtOnce() -> Bool {
    guard uasyncio_on_loop_thread(), hasRoom else { return false }
    noteItem()
    return true
  }

  /// Files the running task among those who wait for room. Returns false where the long way has to be taken.
  @usableFromInline
  func beginWaitForRoom() throws -> Bool {
    guard let loop = LoopCore.inTask else { return false }
    try refuseIfShutDown()
    try loop.beginWait(.room, in: putters.list, until: Clock.never)
    return true
  }

  /// Ends that wait, and takes the room that was promised.
  @usableFromInline
  func endWaitForRoom() throws {
    let loop = LoopCore.shared
    if loop.takeCancellation() { try loop.giveUpTurn { passRoomOn() } }
    try addItem()
  }

  /// Takes an item that is promised to nobody, if there is one and this is the loop's thread; the caller removes it.
  @usableFromInline
  func takeItemAtOnce() -> Bool {
    guard uasyncio_on_loop_thread(), hasItem else { return false }
    noteRoom()
    return true
  }

  /// Files the running task among those who wait for an item. Returns false where the long way has to be taken.
  @usableFromInline
  func beginWaitForItem() throws -> Bool {
    guard let loop = LoopCore.inTask else { return false }
    try refuseIfExhausted()
    try loop.beginWait(.item, in: getters.list, until: Clock.never)
    return true
  }

  /// Ends that wait, and takes the item that was promised.
  @usableFromInline
  func endWaitForItem() throws {
    let loop = LoopCore.shared
    if loop.takeCancellation() { try loop.giveUpTurn { passItemOn() } }
    try takeItem()
  }
}
