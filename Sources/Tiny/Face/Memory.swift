import CTiny

/// How many bytes of the heap have ever been in use at once; on Linux, how many have been set aside for small blocks.
public func heapBytes() -> Int { Int(tiny_heap_used()) }

/// How many allocations there have been so far.
public func heapAllocations() -> Int { Int(tiny_heap_allocations()) }

/// Says that from now on the heap hands out only what was given back. A request that cannot be met that way ends the program
/// with a message; on Linux also one for more than a kilobyte, which is met by the C library.
///
/// Call it when the program has started everything, and a leak shows on the desk and not after a month.
public func sealHeap(_ sealed: Bool = true) { tiny_heap_seal(sealed) }

/// Ends the program at once with a status.
public func exitProgram(_ status: Int32) -> Never { tiny_board_exit(status) }
