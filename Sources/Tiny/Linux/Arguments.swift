import CTinyLinux

/// An argument that the program was called with, ending with a zero; nil if there are not so many. Number 0 is the
/// program itself. (Embedded Swift has no `CommandLine`.)
public func programArgument(_ index: Int) -> UnsafePointer<CChar>? { tiny_argument(Int32(truncatingIfNeeded: index)) }
