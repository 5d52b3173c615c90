/// All samples of several variants, each once.
struct SampleUniverse: Sendable {
  private(set) var count = 0
  /// Of the variants' samples, by sample set.
  private var places: [[Int]] = []
  private var setOfVariant: [Int] = []
  /// Samples that are drawn together.
  struct Strata: Sendable {
    var ofPlace: [Int] = []
    var sizes: [Int] = []
  }

  private var bySet = Strata()
  private var byClass = Strata()
  private var unitOfPlace: [Int] = []
  private(set) var unitCount = 0

  init(_ variants: [ScoredVariant]) {
    var sets: [[String]] = []
    var numbers: [String: Int] = [:]
    for variant in variants {
      if let known = sets.firstIndex(where: { $0 == variant.keys }) {
        setOfVariant.append(known)
        continue
      }
      setOfVariant.append(sets.count)
      sets.append(variant.keys)
      places.append(
        variant.keys.map { key in
          let number = numbers[key] ?? numbers.count
          numbers[key] = number
          return number
        })
    }
    count = numbers.count
    bySet = drawn(variants, byClass: false)
    if variants.contains(where: { $0.owners != nil }) { byClass = drawn(variants, byClass: true) }
    group(variants)
  }

  func place(of row: Int, in variant: Int) -> Int { places[setOfVariant[variant]][row] }
  func strata(byClass isByClass: Bool) -> Strata { isByClass ? byClass : bySet }
  func units(of variant: Int) -> [Int] { places[setOfVariant[variant]].map { unitOfPlace[$0] } }

  /// Samples of the same sets, and of the same class where it matters, are drawn together.
  private func drawn(_ variants: [ScoredVariant], byClass: Bool) -> Strata {
    var members = [[Int]](repeating: [], count: count)
    for (number, places) in places.enumerated() {
      for place in places { members[place].append(number) }
    }
    var classOfPlace = [String](repeating: "", count: count)
    if byClass {
      for (number, variant) in variants.enumerated() {
        guard let names = variant.owners ?? variant.classes else { continue }
        for (row, name) in names.enumerated() {
          let place = place(of: row, in: number)
          if classOfPlace[place].isEmpty { classOfPlace[place] = name }
        }
      }
    }
    struct Key: Hashable {
      var sets: [Int]
      var name: String
    }
    var strata: [Key: Int] = [:]
    var result = Strata()
    for place in 0..<count {
      let key = Key(sets: members[place], name: classOfPlace[place])
      let stratum = strata[key] ?? strata.count
      strata[key] = stratum
      result.ofPlace.append(stratum)
    }
    result.sizes = [Int](repeating: 0, count: strata.count)
    for stratum in result.ofPlace { result.sizes[stratum] += 1 }
    return result
  }

  /// Samples that hang together in the first variant that has both are drawn together.
  private mutating func group(_ variants: [ScoredVariant]) {
    struct Key: Hashable {
      var variant: Int
      var number: Int
    }
    var units = [Int?](repeating: nil, count: count)
    var known: [Key: Int] = [:]
    for (number, variant) in variants.enumerated() {
      for row in variant.keys.indices {
        let place = place(of: row, in: number)
        guard units[place] == nil else { continue }
        guard let group = variant.groups?[row] else {
          units[place] = unitCount
          unitCount += 1
          continue
        }
        let key = Key(variant: number, number: group)
        if known[key] == nil {
          known[key] = unitCount
          unitCount += 1
        }
        units[place] = known[key]
      }
    }
    unitOfPlace = units.map { $0 ?? 0 }
  }
}
