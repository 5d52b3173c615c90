import CLIPModels
import Core
import Imaging

extension RunRecord {
  private func choice<Value: RawRepresentable>(
    _ text: String?, _ key: String
  ) throws(EvalError) -> Value? where Value.RawValue == String {
    guard let text else { return nil }
    guard let value = Value(rawValue: text) else {
      throw EvalError(.malformedData, "run.json has a \(key) that is not known: \(text)")
    }
    return value
  }

  /// What the command line of the run changed in preprocessing.
  func overrides() throws(EvalError) -> PreprocessOverrides {
    PreprocessOverrides(
      order: try choice(settings.recipe, "recipe"), resize: try choice(settings.resize, "resize"),
      crop: try choice(settings.crop, "crop"))
  }

  func activation() throws(EvalError) -> Activation? {
    try choice(settings.activation, "activation")
  }
}
