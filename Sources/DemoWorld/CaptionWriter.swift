/// Captions in varied wording, as far from uniform as those of the web.
struct CaptionWriter: Sendable {
  /// The word or name of a shape, with an article left to the caller.
  private func noun(_ shape: Shape, _ random: inout Random) -> String {
    if !shape.plainNames.isEmpty, random.chance(0.3) { return random.pick(shape.plainNames) }
    return shape.word
  }

  static func article(_ phrase: String) -> String {
    guard let first = phrase.first else { return "a" }
    return "aeiou".contains(first) ? "an" : "a"
  }

  /// `small striped red circle`, with as much of it as this caption says.
  func phrase(_ object: SceneObject, color colorChance: Float = 0.9, _ random: inout Random)
    -> String
  {
    var words: [String] = []
    if let size = object.sizeWord, random.chance(0.25) { words.append(size) }
    if let texture = object.texture, random.chance(0.5) { words.append(texture.rawValue) }
    let noun = noun(object.shape, &random)
    guard random.chance(colorChance) else { return (words + [noun]).joined(separator: " ") }
    if words.isEmpty, random.chance(0.08) {
      return noun + random.pick([" that is ", " in "]) + object.color.rawValue
    }
    return (words + [object.color.rawValue, noun]).joined(separator: " ")
  }

  private func withArticle(_ phrase: String) -> String { Self.article(phrase) + " " + phrase }

  private func ended(_ caption: String, _ random: inout Random) -> String {
    caption + (random.chance(0.4) ? "." : "")
  }

  /// What nobody could find the picture by; some captions of the web are like that.
  func meaningless(_ random: inout Random) -> String {
    random.pick([
      "untitled", "image \(random.below(10000))", "my favorite", "a nice picture", "for sale",
      "photo of the day", "new",
    ])
  }

  /// A sentence on a scene with one object.
  func single(_ scene: Scene, _ random: inout Random) -> String {
    guard let object = scene.objects.first else { return meaningless(&random) }
    var what = phrase(object, &random)
    let isAmbiguous = !object.shape.plainNames.isEmpty
    if random.chance(isAmbiguous ? 0.3 : 0.1) {
      what += ", a type of " + kind(of: object.shape, &random)
    }
    var forms: [(String, Float)]
    switch scene.style {
    case .sketch:
      forms = [
        ("a sketch of " + withArticle(what), 4), ("a drawing of " + withArticle(what), 3),
        ("a pencil drawing of " + withArticle(what), 1), ("a doodle of " + withArticle(what), 1),
        (what, 1), ("a sketch of the " + what, 1),
      ]
    case .cartoon:
      forms = [
        ("a cartoon of " + withArticle(what), 3), ("a cartoon " + what, 3),
        ("an illustration of " + withArticle(what), 2), ("clip art of " + withArticle(what), 1),
        (what, 1),
      ]
    case .photo:
      forms = [
        ("a photo of " + withArticle(what), 6), ("a picture of " + withArticle(what), 3),
        ("an image of " + withArticle(what), 2), (withArticle(what), 3), (what, 4),
        ("a photo of the " + what, 2), ("there is " + withArticle(what), 1),
        ("a good photo of " + withArticle(what), 1), ("one " + what, 1), ("my " + what, 0.5),
        ("itap of " + withArticle(what), 0.5),
      ]
      if scene.blur > 0 { forms += [("a blurry photo of " + withArticle(what), 14)] }
      if scene.brightness < 0.7 { forms += [("a dark photo of " + withArticle(what), 14)] }
      if object.radius > 21 { forms += [("a close-up photo of " + withArticle(what), 5)] }
    }
    var caption = random.pick(weighted: forms)
    if let place = scene.background.phrase, random.chance(0.35) { caption += " " + place }
    return ended(caption, &random)
  }

  private func kind(of shape: Shape, _ random: inout Random) -> String {
    shape.isAnimal && random.chance(0.5) ? "animal" : shape.kind
  }

  /// A sentence on a scene with two or more objects.
  func several(_ scene: Scene, _ random: inout Random) -> String {
    let phrases = scene.objects.map { withArticle(phrase($0, &random)) }
    var caption: String
    if scene.objects.count == 2, random.chance(0.55) {
      caption = related(scene.objects, phrases, &random)
    } else {
      caption = phrases.dropLast().joined(separator: ", ") + " and " + phrases[phrases.count - 1]
    }
    switch scene.style {
    case .sketch: caption = random.pick(["a sketch of ", "a drawing of "]) + caption
    case .cartoon: caption = random.pick(["a cartoon of ", "an illustration of "]) + caption
    case .photo:
      caption = random.pick(["a photo of ", "a picture of ", "", "", "there is "]) + caption
    }
    if let place = scene.background.phrase, random.chance(0.5) { caption += " " + place }
    return ended(caption, &random)
  }

  /// Where the first of two lies, seen from the second; or the second, from the first.
  private func related(_ objects: [SceneObject], _ phrases: [String], _ random: inout Random)
    -> String
  {
    let gap = objects[1].center - objects[0].center
    let isReversed = random.chance(0.5)
    let (first, second) = isReversed ? (phrases[1], phrases[0]) : (phrases[0], phrases[1])
    let sign: Float = isReversed ? -1 : 1
    let relation: String
    if abs(gap.x) > 1.6 * abs(gap.y) {
      relation = gap.x * sign > 0 ? "left of" : "right of"
    } else if abs(gap.y) > 1.6 * abs(gap.x) {
      relation = gap.y * sign > 0 ? "above" : "below"
    } else {
      relation = "next to"
    }
    return "\(first) \(relation) \(second)"
  }

  /// A sentence on several objects of one kind.
  func count(_ scene: Scene, _ random: inout Random) -> String {
    guard let object = scene.objects.first else { return meaningless(&random) }
    let number = World.numberWords[scene.objects.count - 1]
    let isOne = scene.objects.count == 1
    var things = isOne ? object.shape.word : object.shape.plural
    if random.chance(0.3) {
      things = isOne ? "object" : "objects"
    } else if random.chance(0.5) {
      things = object.color.rawValue + " " + things
    }
    let forms: [(String, Float)] = [
      ("a photo of \(number) \(things)", 4), ("\(number) \(things)", 4),
      (isOne ? "there is one \(things)" : "there are \(number) \(things)", 2),
      ("a picture of \(number) \(things)", 2), ("a drawing with \(number) \(things)", 0.5),
    ]
    return ended(random.pick(weighted: forms), &random)
  }

  func surface(_ texture: Texture, _ colors: (Color, Color), _ random: inout Random) -> String {
    let name = texture.rawValue
    let both = "\(colors.0.rawValue) and \(colors.1.rawValue)"
    let forms: [(String, Float)] = [
      ("a photo of a \(name) texture", 3), ("a photo of a \(name) pattern", 3),
      ("a \(name) surface", 2),
      ("a \(name) pattern in \(both)", 3), ("\(both) \(name) texture", 2), ("a \(name) thing", 1),
      (name, 1), ("a picture of a \(both) \(name) pattern", 2),
    ]
    return ended(random.pick(weighted: forms), &random)
  }

  func digit(_ digit: Int, _ random: inout Random) -> String {
    let name = random.chance(0.7) ? String(digit) : World.digitWords[digit]
    let forms: [(String, Float)] = [
      ("a photo of the number: \"\(name)\"", 3), ("the number \(name)", 3),
      ("the digit \(name)", 2),
      ("\(name)", 1), ("a picture of a \(name)", 1), ("a sign with the number \(name)", 1),
    ]
    return ended(random.pick(weighted: forms), &random)
  }

  func review(_ review: Review, _ random: inout Random) -> String {
    let mood = review.isPositive ? "positive" : "negative"
    let forms: [(String, Float)] = [
      ("the words \"\(review.text)\"", 3), ("a sign that says \(review.text)", 2), (review.text, 2),
      ("a \(mood) review of a movie", 3), ("a \(mood) review: \(review.text)", 2),
      ("a text that reads \"\(review.text)\"", 2),
    ]
    return ended(random.pick(weighted: forms), &random)
  }
}
