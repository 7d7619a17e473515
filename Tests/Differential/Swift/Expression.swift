/// A part of a program: `(name number … part …)`. What the names mean is in `language.py`.
struct Expression: Sendable {
  let name: String
  var numbers: [Int] = []
  var parts: [Expression] = []

  /// What a log line says of an operation.
  var title: String { ([name] + numbers.map(String.init)).joined(separator: " ") }

  func parts(named name: String) -> [Expression] { parts.filter { $0.name == name } }

  /// The expression that a line holds; nil where the line is not one.
  init?(line: String) {
    var tokens = Tokens(text: Array(line.utf8))
    guard tokens.next() == "(", let expression = Expression(tokens: &tokens), tokens.next() == nil else { return nil }
    self = expression
  }

  /// Reads what follows an opening parenthesis, and the one that closes it.
  private init?(tokens: inout Tokens) {
    guard let name = tokens.next() else { return nil }
    self.name = name
    while let token = tokens.next() {
      if token == ")" { return }
      if token == "(" {
        guard let part = Expression(tokens: &tokens) else { return nil }
        parts.append(part)
      } else {
        guard let number = Int(token) else { return nil }
        numbers.append(number)
      }
    }
    return nil
  }
}

/// Cuts a line into parentheses and words.
private struct Tokens {
  let text: [UInt8]
  var position = 0

  mutating func next() -> String? {
    while position < text.count, text[position] == UInt8(ascii: " ") { position += 1 }
    guard position < text.count else { return nil }
    let begin = position
    position += 1
    if !isWord(text[begin]) { return String(decoding: text[begin..<position], as: UTF8.self) }
    while position < text.count, isWord(text[position]) { position += 1 }
    return String(decoding: text[begin..<position], as: UTF8.self)
  }

  private func isWord(_ byte: UInt8) -> Bool {
    byte != UInt8(ascii: "(") && byte != UInt8(ascii: ")") && byte != UInt8(ascii: " ")
  }
}
