// The least program; with an argument it waits for the end of its input.

import Glibc

@main
struct Hello {
  static func main() async {
    await Task { print("hello") }.value
    fflush(nil)
    if CommandLine.arguments.count > 1 {
      while getchar() != EOF {}
    }
  }
}
