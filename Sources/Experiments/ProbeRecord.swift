package import Core
package import Statistics

/// How a probe came to its number: the fit, the search for C and, for few-shot, the draw of the training samples. What does not
/// apply is nil: a row over several seeds has no one fit, kNN no C, a probe on the whole training split no shots.
/// Holds no time, as rows do not.
package struct ProbeRecord: Sendable, Equatable, Codable {
  /// One fit of a search.
  package struct CurvePoint: Sendable, Equatable, Codable {
    package var C: Double
    /// The metric on the validation samples.
    package var score: Double
    /// Whether the fit met its conditions; a draft of a search meets looser ones. Nil for the mean over several fits.
    @ExplicitNull package var converged: Bool?

    package init(C: Double, score: Double, converged: Bool? = nil) {
      self.C = C
      self.score = score
      self.converged = converged
    }
  }

  /// Inverse strength of the L2 penalty, of the final fit.
  @ExplicitNull package var C: Double?
  /// Preset of the solver (`converged`, `paper`, `sklearn-1.7`).
  @ExplicitNull package var solver: String?
  /// On what C was chosen (`validation split val`, `fixed`).
  @ExplicitNull package var selection: String?
  /// Samples the final fit was made on; for several seeds the most of one of them.
  @ExplicitNull package var trainingSamples: Int?
  /// max |∂f| / N at the end of the final fit.
  @ExplicitNull package var gradientNorm: Double?
  /// Sum of the losses + ‖W‖² / (2C), of the final fit.
  @ExplicitNull package var objective: Double?
  @ExplicitNull package var iterations: Int?
  /// Of the objective and its gradient.
  @ExplicitNull package var evaluations: Int?
  @ExplicitNull package var converged: Bool?
  /// Why the solver stopped.
  @ExplicitNull package var stop: String?
  /// The best C of the search is the smallest or the largest of its grid; for several seeds, of any of them.
  @ExplicitNull package var isAtEdge: Bool?
  /// The search, C ascending; empty where C was given.
  package var curve: [CurvePoint]

  /// Training samples of each class.
  @ExplicitNull package var shots: Int?
  /// That drew them; nil in a row over several seeds.
  @ExplicitNull package var seed: Int?
  /// How many seeds a row is the mean of; nil in a row of one.
  @ExplicitNull package var seeds: Int?
  /// t-interval of the mean over seeds: the variance of training samples. The row's own `interval95` is that of test samples.
  @ExplicitNull package var seedInterval95: Interval?
  /// Classes with fewer training samples than shots.
  @ExplicitNull package var shortClasses: Int?
  /// Over the training samples drawn.
  @ExplicitNull package var splitHash: SHA256Digest?

  /// k of kNN.
  @ExplicitNull package var neighbours: Int?
  /// Of the weights of kNN's neighbours.
  @ExplicitNull package var temperature: Double?

  package init(
    C: Double? = nil, solver: String? = nil, selection: String? = nil,
    trainingSamples: Int? = nil, gradientNorm: Double? = nil, objective: Double? = nil,
    iterations: Int? = nil, evaluations: Int? = nil, converged: Bool? = nil, stop: String? = nil,
    isAtEdge: Bool? = nil, curve: [CurvePoint] = [], shots: Int? = nil, seed: Int? = nil,
    seeds: Int? = nil, seedInterval95: Interval? = nil, shortClasses: Int? = nil,
    splitHash: SHA256Digest? = nil, neighbours: Int? = nil, temperature: Double? = nil
  ) {
    self.C = C
    self.solver = solver
    self.selection = selection
    self.trainingSamples = trainingSamples
    self.gradientNorm = gradientNorm
    self.objective = objective
    self.iterations = iterations
    self.evaluations = evaluations
    self.converged = converged
    self.stop = stop
    self.isAtEdge = isAtEdge
    self.curve = curve
    self.shots = shots
    self.seed = seed
    self.seeds = seeds
    self.seedInterval95 = seedInterval95
    self.shortClasses = shortClasses
    self.splitHash = splitHash
    self.neighbours = neighbours
    self.temperature = temperature
  }
}
