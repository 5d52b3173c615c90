/// An error a user can act on: what failed, on which subject, why, and what to do next.
///
/// Every module throws this one type, so that message and exit code are decided where the fact is known
/// and turned into text in one place.
package struct EvalError: Error, Sendable, Equatable {
  /// What went wrong, as the exit code the process ends with (BSD `sysexits.h` values where one fits).
  package enum Kind: Int32, Sendable {
    case taskFailed = 1
    case usage = 64
    case malformedData = 65
    case notFound = 66
    case bug = 70
    case cannotWrite = 73
    case incomplete = 75
    case badSuite = 78
    case interrupted = 130
  }

  package var kind: Kind
  /// What was expected and what was found, as one or two sentences.
  package var message: String
  /// The file, dataset or argument concerned, with a position inside it where one is known
  /// (`model.safetensors, byte 8`, `first-light.yaml:12:3`).
  package var subject: String?
  /// What the user can do about it.
  package var remedy: String?

  package init(_ kind: Kind, _ message: String, subject: String? = nil, remedy: String? = nil) {
    self.kind = kind
    self.message = message
    self.subject = subject
    self.remedy = remedy
  }
}

extension EvalError: CustomStringConvertible {
  package var description: String {
    var text = message
    if let subject { text = "\(subject): \(text)" }
    if let remedy {
      if !".!?".contains(text.last ?? ".") { text += "." }
      text += " \(remedy)"
    }
    return text
  }
}
