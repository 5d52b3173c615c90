/// The class names and templates of the evaluation sets, as the files under `Prompts/` hold them.
package struct WorldPrompts: Sendable {
  package let dataset: String
  package let set: String
  let classes: [(id: String, name: String)]
  let templates: [String]

  /// What captions of the corpus say most often, among other things.
  private static let general = [
    "a photo of a {}.", "a picture of a {}.", "an image of a {}.", "a photo of the {}.",
    "a good photo of a {}.", "a close-up photo of a {}.", "a blurry photo of a {}.",
    "a photo of a small {}.", "a photo of a large {}.", "a sketch of a {}.", "a cartoon of a {}.",
    "itap of a {}.",
  ]

  package static let all: [WorldPrompts] = [
    WorldPrompts(
      dataset: World.heldOutSet, set: "demo",
      classes: World.classes.filter(\.isHeldOut).map { ($0.id, $0.plainName) }, templates: general),
    WorldPrompts(
      dataset: World.broadSet, set: "words",
      classes: World.classes.map { ($0.id, "\($0.color.rawValue) \($0.shape.word)") }, templates: []
    ),
    WorldPrompts(
      dataset: World.broadSet, set: "demo",
      classes: World.classes.map { ($0.id, $0.plainName) }, templates: general),
    WorldPrompts(
      dataset: World.animalSet, set: "demo", classes: World.animals.map { ($0.word, $0.word) },
      templates: [
        "a photo of a {}, a type of animal.", "a picture of a {}, a type of animal.",
        "an image of a {}, a type of animal.",
      ]),
    WorldPrompts(
      dataset: World.textureSet, set: "demo",
      classes: Texture.allCases.map(\.rawValue).sorted().map { ($0, $0) },
      templates: [
        "a photo of a {} texture.", "a photo of a {} pattern.", "a photo of a {} surface.",
        "a photo of a {} thing.",
      ]),
    WorldPrompts(
      dataset: World.countSet, set: "demo",
      classes: World.numberWords.enumerated().map { (String($0 + 1), $1) },
      templates: [
        "a photo of {} objects.", "a picture of {} objects.", "there are {} objects.",
        "{} objects.",
      ]),
    WorldPrompts(
      dataset: World.digitSet, set: "demo", classes: (0...9).map { (String($0), String($0)) },
      templates: ["a photo of the number: \"{}\".", "the number {}.", "the digit {}."]),
    WorldPrompts(
      dataset: World.wordSet, set: "demo",
      classes: [("negative", "negative"), ("positive", "positive")],
      templates: ["a {} review of a movie."]),
    WorldPrompts(
      dataset: World.sceneSet, set: "demo", classes: World.sceneShapes.map { ($0.word, $0.word) },
      templates: general),
  ]

  /// The file's text.
  package var yaml: String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    var text = """
      # Written by `demo-world prompts`.
      dataset: \(dataset)
      set: \(set)
      version: 1
      source: the demo world; a demonstration, not a set of the paper's

      """
    text += "classes:\n" + classes.map { "  \(quoted($0.id)): \(quoted($0.name))\n" }.joined()
    if !templates.isEmpty {
      text += "templates:\n" + templates.map { "  - \(quoted($0))\n" }.joined()
    }
    return text
  }
}
