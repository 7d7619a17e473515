import UAsyncIO

@main struct Hello {
  static func main() throws(TaskError) {
    try run { () throws(TaskError) in
      for _ in 0..<3 {
        writeText("hello\n")
        try await sleepMs(10)
      }
    }
  }
}
