// The turn of the loop on a board, as long as the program uses none of the other seams.
//
// Firmware is one program for one machine: where its time and its news come from is known when it is linked. So it is built
// (UASYNCIO_BOARD) with functions in the seams' place, and the linker leaves everything out that `run(clock:order:)` would
// need unless the program calls it, and from that call on `Scheduler.next` goes by the seams as everywhere.
//
// A scheduler is memory that begins as zeros: nothing is ready, nobody waits, and the seams are not looked at before
// `configure` has written them. So nothing has to be made when the program starts.
//
// The numbers are those in Scheduler.swift. Reading a board's clock costs some twenty instructions and no system call, so
// every step is a turn of its own, and there is no budget to adapt: a task that computes for long delays timers and
// interrupts by its own step, and nothing else does.

#if UASYNCIO_BOARD
  /// Nanoseconds since the board was started.
  @_silgen_name("tiny_board_now")
  private func boardNow() -> Int64

  /// Waits for an interrupt, at most so many nanoseconds; without limit where they are negative.
  @_silgen_name("tiny_board_wait")
  private func boardWait(_ nanoseconds: Int64)

  /// Takes in what interrupts have left, and wakes the nodes concerned. The face gives it.
  @_silgen_name("tiny_face_takes_mail")
  private func boardTakesMail(_ scheduler: inout Scheduler)

  extension Scheduler {
    static var boardTime: Int64 { boardNow() }

    @usableFromInline
    mutating func nextOnBoard() -> NodePointer? {
      turn &+= 1
      while true {
        boardTakesMail(&self)  // 1
        if lot.hasTimers {  // 3
          let now = boardNow()
          while let node = lot.popDue(at: now) { wake(node, .deadline) }
        }
        if let node = ready.popFirst() { return node }  // 5
        if let deadline = lot.nextDeadline {  // 4
          let rest = deadline - boardNow()
          if rest > 0 { boardWait(rest) }
        } else {
          boardWait(-1)
        }
      }
    }
  }
#endif
