import TestSupport

extension Scene {
  /// A suite that compares two template sets on one dataset.
  static func templates() throws -> Scene {
    let scene = try Scene(cifarCount: 60)
    try scene.write(
      "dataset: generic\nset: single\nversion: 1\nsource: a test\ntemplates: [\"a photo of a {}.\"]\n",
      to: "prompts/generic/single.yaml")
    try scene.write(
      """
      dataset: CIFAR10
      set: many
      version: 1
      source: a test
      templates: ["a {}.", "{}", "red {}", "a bad drawing of {}", "{} in the sea"]
      """, to: "prompts/CIFAR10/many.yaml")
    try scene.write(
      """
      suite: toys
      version: 1
      description: Templates.
      experiments: [zero-shot, prompts]
      datasets:
        - dataset: CIFAR10
          classNames: tiny
          templates: [single, many]
      """, to: "toys.yaml")
    return scene
  }
}
