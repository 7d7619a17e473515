// What the compiler looks up by name when it meets `async`, `await` or `actor`.
//
// For a machine without an operating system the toolchain ships no `_Concurrency` module, and the compiler cannot lower
// an async function without one. It needs very little of it: the protocols below, and the two types that say where a
// function runs. This module is that little. It replaces the shipped one also on Linux, so that a tiny program is the
// same program everywhere.
//
// There is one thread and one loop, so "where" has one answer: every executor here is the null pair, and a hop to it,
// which `swift_task_switch` in Runtime/Hop.c is asked for, goes on at once.
//
// Not here, and so not in tiny programs: `Task`, task groups, `async let`, `AsyncSequence`, clocks. The compiler says
// so where they are used. `actor` declarations work only with an `unownedExecutor` of their own, as `LoopActor` has.
//
// Never add a function with behaviour here: this file is compiled with `-parse-stdlib`, where the language's usual
// guarantees (overflow checks in literals, implicit imports) are off.

import Swift

// The layouts that Runtime/ relies on are those of this very release of the compiler.
#if !compiler(>=6.3) || compiler(>=6.4)
  #error("the tiny runtime knows the async calling convention of Swift 6.3; see Runtime/include/CTiny.h")
#endif

/// A reference to something that could run jobs. The tiny runtime has no jobs: nothing is ever enqueued.
@frozen
public struct UnownedJob: Sendable {
  @usableFromInline var context: Builtin.Job
}

/// Somewhere code can run. Known to the compiler by name.
public protocol Executor: AnyObject, Sendable {
  func enqueue(_ job: UnownedJob)
}

/// Somewhere code can run, one piece at a time. Known to the compiler by name.
public protocol SerialExecutor: Executor {}

/// A reference to a serial executor: the object and its conformance, two words.
@frozen
public struct UnownedSerialExecutor: Sendable {
  @usableFromInline var executor: Builtin.Executor

  @inlinable
  public init(_ executor: Builtin.Executor) { self.executor = executor }

  /// The loop. Two null words mean "no particular executor" to the compiler.
  @inlinable @_transparent
  public static var loop: UnownedSerialExecutor {
    unsafeBitCast((UInt(0), UInt(0)), to: UnownedSerialExecutor.self)
  }
}

/// Known to the compiler by name: what every `actor` conforms to.
public protocol Actor: AnyObject, Sendable {
  nonisolated var unownedExecutor: UnownedSerialExecutor { get }
}

/// Known to the compiler by name: what a type marked `@globalActor` conforms to.
public protocol GlobalActor {
  associatedtype ActorType: Actor
  static var shared: ActorType { get }
  static var sharedUnownedExecutor: UnownedSerialExecutor { get }
}

extension GlobalActor {
  @inlinable
  public static var sharedUnownedExecutor: UnownedSerialExecutor { .loop }
}
