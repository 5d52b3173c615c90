/// A labelled picture of an evaluation set: drawn when asked, the same each time.
package struct EvaluationItem: Sendable {
  /// The set's folder.
  package let set: String
  /// Below the set's folder, without an ending.
  package let path: String
  /// The class, or empty for sets whose images have several or none.
  package let label: String
  /// The names of the shapes in it, for multi-label sets.
  var shapes: [Shape] = []
  /// Whether the corpus may hold an altered copy of it.
  var mayBePlanted = true
  let draw: @Sendable () -> Canvas
  /// A caption for it, each time another.
  let caption: @Sendable (inout Random) -> String

  package var pixels: [UInt8] { draw().bytes }
}

extension World {
  /// An item that shows a scene.
  func item(
    set: String, path: String, label: String, shapes: [Shape] = [], mayBePlanted: Bool = true,
    scene make: @escaping @Sendable (inout Random) -> Scene,
    caption: @escaping @Sendable (Scene, inout Random) -> String
  ) -> EvaluationItem {
    let stream = "\(set)/\(path)"
    return EvaluationItem(
      set: set, path: path, label: label, shapes: shapes, mayBePlanted: mayBePlanted,
      draw: {
        var random = self.random(stream)
        let scene = make(&random)
        return scene.drawn(&random)
      },
      caption: { words in
        var random = self.random(stream)
        return caption(make(&random), &words)
      })
  }
}
