import ArgumentParser
import Imaging

extension PreprocessOverrides.Resize: ExpressibleByArgument {}
extension PreprocessOverrides.Crop: ExpressibleByArgument {}

/// What may be changed about a checkpoint's preprocessing; every choice is part of the protocol.
struct PreprocessingOptions: ParsableArguments {
  @Option(help: "Preprocessing order; the checkpoint's format decides otherwise.")
  var recipe: PreprocessRecipe.Order?

  @Option(
    help: "Resize the shorter side, squash both sides, or none; the checkpoint decides otherwise.")
  var resize: PreprocessOverrides.Resize?

  @Option(help: "Crop the center, or none; the checkpoint decides otherwise.")
  var crop: PreprocessOverrides.Crop?

  var overrides: PreprocessOverrides {
    PreprocessOverrides(order: recipe, resize: resize, crop: crop)
  }
}
