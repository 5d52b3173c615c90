/// What FairFace and UTKFace say of a face, each a dataset of its own. Class ids are FairFace's label texts.
enum FaceAttribute: String, Sendable, CaseIterable {
  case race
  case gender
  case age

  static let genders = ["Male", "Female"]

  /// FairFace's bins of years; the last one has no end.
  static let ages = [
    "0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70",
  ]

  /// The classes of the attribute.
  /// - Parameter races: which the two datasets tell apart differently.
  func labels(races: [String]) -> [String] {
    switch self {
    case .race: races
    case .gender: Self.genders
    case .age: Self.ages
    }
  }

  /// The bin that an age lies in; "more than 70" begins with 70.
  static func bin(ofAge age: Int) -> String {
    let last = [2, 9, 19, 29, 39, 49, 59, 69]
    return ages[last.firstIndex { age <= $0 } ?? ages.count - 1]
  }
}
