// A gather of tasks of different types keeps each type.
// expect: cannot convert value of type
import UAsyncIO

func main() throws {
  try run {
    let (number, _) = try await gather({ 1 }, { "one" })
    let text: String = number
    print(text)
  }
}
