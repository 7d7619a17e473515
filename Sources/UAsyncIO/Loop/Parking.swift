// The suspension itself.
//
// A coroutine that waits is suspended with the runtime's own primitive for continuations, and its continuation is never
// resumed: the loop has its job, the very pointer that identifies the task, and runs that. See Park.c for what is called,
// and why so. There is no other way in which anything of ours suspends.
//
// Cost: `yieldNow` takes 895 instructions, of which a suspension that does nothing else takes 792. (A hop to an actor
// whose `enqueue` keeps the job, which was here before, took 1,257: it asks for an executor each time.)
//
// The primitives that are called most often are inlined into their callers: `begin…`, `park` and `end…`. Then there is
// no frame but the caller's, and a frame would cost about 150 instructions a suspension.

/// Suspends the running coroutine until the loop runs its job again.
///
/// Call it on the loop's thread, right after a `begin…` that has filed the coroutine, and the `end…` right after it.
@usableFromInline @_silgen_name("uasyncio_park")
nonisolated(nonsending) func park() async
