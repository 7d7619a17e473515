// Who may put and who may get: the part of a queue that knows nothing of its items.
//
// Items stay in the queue's storage until somebody runs who takes them; what is handed over is the right to one. So a
// getter that is woken has an item *promised*, and a putter has room promised, and both are counted:
//
//      count                       items in the storage
//      promisedItems               of these, how many belong to getters that were woken and have not run yet
//      promisedRoom                free places that belong to putters that were woken and have not run yet
//
// A newcomer gets only what is promised to nobody. One that was woken keeps its promise by `takeItem` or `addItem`; one
// that was cancelled meanwhile gives it to the next. Since no item ever leaves the storage without its taker running,
// a cancellation has nothing to put back, and nothing can come back in the wrong place.
//
// What always holds while the queue is open: where getters wait, every item is promised; where putters wait, every place
// is taken or promised. After a shutdown: nobody waits to put; and getters wait only as long as there are items, all of
// them promised, for whoever they are promised to may be cancelled yet.
//
// It is a class of its own, so that this is compiled once, and the storage for each type of item.

@usableFromInline
final class QueueGate: Sendable {
  // Touched on the loop's thread only.
  @exclusivity(unchecked) nonisolated(unsafe) var count = 0
  @exclusivity(unchecked) nonisolated(unsafe) var promisedItems = 0
  @exclusivity(unchecked) nonisolated(unsafe) var promisedRoom = 0
  /// How many items were put that nobody has called done.
  @exclusivity(unchecked) private nonisolated(unsafe) var unfinished = 0
  @exclusivity(unchecked) private nonisolated(unsafe) var highWaterMark = 0
  @exclusivity(unchecked) nonisolated(unsafe) var isShutDown = false
  let maxSize: Int
  let getters = Waiters()
  let putters = Waiters()
  private let joiners = Waiters()

  /// A gate for so many items at once; 0 or less is no limit.
  init(maxSize: Int) { self.maxSize = maxSize }

  /// Whether there is room that is promised to nobody.
  var hasRoom: Bool {
    @inline(__always) get { !isShutDown && (maxSize <= 0 || count + promisedRoom < maxSize) }
  }

  /// Whether there is an item that is promised to nobody.
  var hasItem: Bool {
    @inline(__always) get { count > promisedItems }
  }

  /// Whether there is no room at all, promised or not.
  var isFull: Bool { maxSize > 0 && count >= maxSize }

  // MARK: - Putting

  /// Promises room to the caller, at once or after a wait, or comes back because of the shutdown: `addItem` tells.
  @usableFromInline
  nonisolated(nonsending) func waitForRoom() async throws {
    try await putters.takeTurn(.room, ifNot: { promiseRoom() || isShutDown }, passOn: { passRoomOn() })
  }

  /// Promises room to the caller, if there is any for it.
  @usableFromInline
  func promiseRoom() -> Bool {
    guard hasRoom else { return false }
    promisedRoom += 1
    return true
  }

  /// Takes the promised room; the caller puts its item there.
  @usableFromInline
  func addItem() throws(QueueShutDown) {
    try refuseIfShutDown()
    promisedRoom -= 1
    noteItem()
  }

  @inline(__always)
  func noteItem() { noteItems(1) }

  @inline(__always)
  func noteItems(_ number: Int) {
    count += number
    unfinished += number
    if count > highWaterMark { highWaterMark = count }
    var left = number
    while left > 0, getters.wakeFirst() {
      promisedItems += 1
      left -= 1
    }
  }

  /// Throws if nothing can be put any more.
  @usableFromInline
  func refuseIfShutDown() throws(QueueShutDown) {
    if isShutDown { throw QueueShutDown() }
  }

  func passRoomOn() {
    if isShutDown || putters.wakeFirst() { return }
    promisedRoom -= 1
  }

  // MARK: - Getting

  /// Promises an item to the caller, at once or after a wait, or comes back because there will never be one: `takeItem`
  /// tells.
  @usableFromInline
  nonisolated(nonsending) func waitForItem() async throws {
    try await getters.takeTurn(.item, ifNot: { promiseItem() || isExhausted }, passOn: { passItemOn() })
  }

  /// Promises an item to the caller, if there is one for it.
  @usableFromInline
  func promiseItem() -> Bool {
    guard hasItem else { return false }
    promisedItems += 1
    return true
  }

  /// Takes the promised item; the caller removes it.
  @usableFromInline
  func takeItem() throws(QueueShutDown) {
    // A getter is woken without a promise only when there will never be one again.
    guard promisedItems > 0 else { throw QueueShutDown() }
    promisedItems -= 1
    noteRoom()
  }

  @inline(__always)
  func noteRoom() {
    count -= 1
    if putters.wakeFirst() {
      promisedRoom += 1
    } else if isExhausted {
      getters.wakeAll()
    }
  }

  /// Throws if there will never be an item again.
  @usableFromInline
  func refuseIfExhausted() throws(QueueShutDown) {
    if isExhausted { throw QueueShutDown() }
  }

  var isExhausted: Bool { isShutDown && count == 0 }

  func passItemOn() {
    if promisedItems == 0 || getters.wakeFirst() { return }
    promisedItems -= 1
  }

  // MARK: - The end

  func itemDone() throws(LoopError) {
    guard unfinished > 0 else { throw .tooManyDone }
    finishItems(1)
  }

  nonisolated(nonsending) func join() async throws {
    try await joiners.takeTurn(.itemsDone, ifNot: { unfinished == 0 }, passOn: {})
  }

  /// Ends putting. If `immediate`, the caller drops its items, and they count as done.
  func shutDown(immediate: Bool) {
    isShutDown = true
    promisedRoom = 0
    putters.wakeAll()
    if immediate {
      // Items may have been called done before anybody got them.
      let dropped = min(count, unfinished)
      count = 0
      promisedItems = 0
      if dropped > 0 { finishItems(dropped) }
    }
    if count == 0 { getters.wakeAll() }
  }

  private func finishItems(_ number: Int) {
    unfinished -= number
    if unfinished == 0 { joiners.wakeAll() }
  }

  var statistics: QueueStatistics {
    QueueStatistics(
      count: count, maxSize: maxSize, highWaterMark: highWaterMark, unfinished: unfinished, getters: getters.count,
      putters: putters.count, isShutDown: isShutDown)
  }
}
