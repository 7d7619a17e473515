// The least program: says hello from a coroutine. Measured from outside: start-up time, resident memory, size.
//
//     Hello           ends at once
//     Hello wait      waits for the end of its input, so that its memory can be looked at

import Glibc
import UAsyncIO

@main
struct Hello {
  static func main() throws {
    try run {
      try await sleep(0)
      print("hello")
    }
    if CommandLine.arguments.count > 1 {
      fflush(nil)
      while getchar() != EOF {}
    }
  }
}
