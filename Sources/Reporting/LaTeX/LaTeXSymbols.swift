/// What characters outside ASCII are called in LaTeX with T1 fonts and no further packages.
enum LaTeXSymbols {
  static let commands: [Character: String] = {
    var commands: [Character: String] = [
      // Text.
      "\u{A0}": "~", "\u{202F}": "\\,", "\u{2009}": "\\,", "\u{2011}": "-", "‐": "-",
      "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "‚": "\\quotesinglbase{}",
      "„": "\\quotedblbase{}", "«": "\\guillemotleft{}", "»": "\\guillemotright{}",
      "‹": "\\guilsinglleft{}", "›": "\\guilsinglright{}", "…": "\\ldots{}", "¡": "!`", "¿": "?`",
      "§": "\\S{}", "¶": "\\P{}", "©": "\\copyright{}", "®": "\\textregistered{}",
      "™": "\\texttrademark{}", "£": "\\pounds{}", "†": "\\dag{}", "‡": "\\ddag{}",
      "ß": "\\ss{}", "æ": "\\ae{}", "Æ": "\\AE{}", "œ": "\\oe{}", "Œ": "\\OE{}", "ø": "\\o{}",
      "Ø": "\\O{}", "ł": "\\l{}", "Ł": "\\L{}", "đ": "\\dj{}", "Đ": "\\DJ{}", "ð": "\\dh{}",
      "Ð": "\\DH{}", "þ": "\\th{}", "Þ": "\\TH{}", "ı": "\\i{}", "ŋ": "\\ng{}", "Ŋ": "\\NG{}",
    ]
    let math: [Character: String] = [
      "×": "\\times", "÷": "\\div", "±": "\\pm", "−": "-", "≥": "\\geq", "≤": "\\leq",
      "≠": "\\neq", "≈": "\\approx", "→": "\\rightarrow", "←": "\\leftarrow",
      "↔": "\\leftrightarrow", "↑": "\\uparrow", "↓": "\\downarrow", "·": "\\cdot",
      "•": "\\bullet", "°": "^{\\circ}", "¹": "^{1}", "²": "^{2}", "³": "^{3}", "½": "\\frac{1}{2}",
      "∞": "\\infty", "√": "\\surd", "Σ": "\\Sigma", "∑": "\\sum", "∈": "\\in", "¬": "\\neg",
      "µ": "\\mu", "⁰": "^{0}", "⁴": "^{4}", "⁵": "^{5}", "⁶": "^{6}", "⁷": "^{7}",
      "⁸": "^{8}", "⁹": "^{9}",
    ]
    for (character, command) in math { commands[character] = "$\(command)$" }
    // Those that look like a Latin letter have no command.
    let greek = [
      "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta",
      "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
      "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi",
      "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
      "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
    ]
    for (letter, name) in greek { commands[Character(letter)] = "$\\\(name)$" }
    return commands
  }()

  static let accents: [Unicode.Scalar: Character] = [
    "\u{0300}": "`", "\u{0301}": "'", "\u{0302}": "^", "\u{0303}": "~", "\u{0304}": "=",
    "\u{0306}": "u", "\u{0307}": ".", "\u{0308}": "\"", "\u{030A}": "r", "\u{030B}": "H",
    "\u{030C}": "v", "\u{0323}": "d", "\u{0327}": "c", "\u{0328}": "k", "\u{0331}": "b",
  ]
}
