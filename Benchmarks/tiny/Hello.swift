// The least program; with an argument it waits for the end of its input.

import UAsyncIO

@_silgen_name("getchar") func readByte() -> Int32

@main struct Hello {
  static func main() throws(TaskError) {
    try run { () throws(TaskError) in
      try await yieldNow()
      writeText("hello\n")
    }
    guard programArgument(1) != nil else { return }
    while readByte() >= 0 {}
  }
}
