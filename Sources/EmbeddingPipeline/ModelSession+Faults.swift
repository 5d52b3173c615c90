import Core
import TensorFiles

extension ModelSession {
  /// Does what uses features of this model. Where they cannot be used because the weights hold values that are not numbers,
  /// the error says so and names the file.
  package func explainingFaults<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as EvalError where error.kind == .malformedData {
      guard let tensor = tensorNotFinite else { throw error }
      error.message += "; the weights hold values that are not finite numbers, in \(tensor)"
      error.subject = error.subject ?? checkpoint.weights.url.path
      error.remedy = "Fetch or convert the checkpoint again."
      throw error
    }
  }

  /// The first of the model's tensors, by name, that holds an infinite value or one that is not a number.
  private var tensorNotFinite: String? {
    let file = checkpoint.weights
    // A causal mask, which some files carry, is infinite by right.
    let unused = Set(checkpoint.unusedTensors)
    return file.contents.keys.sorted().first { name in
      guard !unused.contains(name), let tensor = try? file.tensor(name),
        tensor.type.isFloatingPoint, let values = try? tensor.floats()
      else { return false }
      defer { file.release(tensor) }
      return !values.allSatisfy(\.isFinite)
    }
  }
}
