import Core
import Foundation

/// Which folders hold a dataset in one of the container forms, by their names.
enum ContainerFolders {
  /// Names that harnesses have for datasets besides ids and aliases, in letters and digits: CLIP_benchmark's and DataComp's
  /// `wds_<name>`, and ELEVATER's `<name>_<date>`.
  private static let names: [String: [String]] = [
    "Caltech101": ["caltech101"],
    "CIFAR10": ["cifar10"],
    "CIFAR100": ["cifar100"],
    "CLEVRCounts": ["clevrcountall", "clevrcounts"],
    "Country211": ["country211"],
    "DTD": ["dtd"],
    "EuroSAT": ["eurosat", "eurosatclip"],
    "FER2013": ["fer2013"],
    "FGVCAircraft": ["fgvcaircraft", "fgvcaircraft2013bvariants102"],
    "Flickr30k": ["flickr30k"],
    "COCOCaptions": ["mscococaptions", "cococaptions"],
    "Flowers102": ["flowers", "flowers102", "oxfordflower102", "oxfordflowers102"],
    "Food101": ["food101"],
    "GTSRB": ["gtsrb"],
    "HatefulMemes": ["hatefulmemes"],
    "ImageNet": ["imagenet1k", "imagenet"],
    "ImageNetA": ["imageneta"], "ImageNet-A": ["imageneta"],
    "ImageNetR": ["imagenetr"], "ImageNet-R": ["imagenetr"],
    "ImageNetSketch": ["imagenetsketch"], "ImageNet-Sketch": ["imagenetsketch"],
    "ImageNetV2": ["imagenetv2"],
    "KITTI": ["kitticlosestvehicledistance", "kittidistance"],
    "MNIST": ["mnist"],
    "ObjectNet": ["objectnet"],
    "OxfordPets": ["pets", "oxfordpets", "oxfordiiitpets", "oxfordiiitpet"],
    "PCam": ["pcam", "patchcamelyon"],
    "RenderedSST2": ["renderedsst2"],
    "RESISC45": ["resisc45", "resisc45clip"],
    "StanfordCars": ["cars", "stanfordcars"],
    "STL10": ["stl10"],
    "SUN397": ["sun397"],
    "SVHN": ["svhn"],
    // Not `voc2007`: that is the objects cut out of the images, one class each.
    "VOC2007": ["voc2007multilabel", "voc2007classification"],
  ]

  /// ELEVATER's VOC2007, `voc2007_20211030`, has the whole images; CLIP_benchmark's `wds_voc2007` has not.
  private static let elevaterNames = ["VOC2007": ["voc2007"]]

  /// Below the data root; each may hold folders of datasets.
  private static let parents = [
    "", "classification", "webdatasets", "wds", "clip-benchmark", "djghosh",
  ]

  /// Folders below `root` whose names say that they are the dataset's, and then `root` itself, which may have any name.
  static func candidates(_ root: URL, of dataset: DatasetInfo) throws -> [URL] {
    var found: [URL] = []
    for parent in parents {
      let folder = parent.isEmpty ? root : root.appending(path: parent)
      for name in try ClassFolders.names(in: folder) where isName(name, of: dataset) {
        let base = folder.appending(path: name, directoryHint: .isDirectory)
        // The Hugging Face cache keeps a repository's files by commit.
        let snapshots = base.appending(path: "snapshots", directoryHint: .isDirectory)
        found += try ClassFolders.names(in: snapshots).map {
          snapshots.appending(path: $0, directoryHint: .isDirectory)
        }
        found.append(base)
      }
    }
    return found + [root]
  }

  static func isName(_ folder: String, of dataset: DatasetInfo) -> Bool {
    let (key, isShards) = stripped(folder)
    var known = Set((names[dataset.id] ?? []) + (isShards ? [] : elevaterNames[dataset.id] ?? []))
    if dataset.id != "VOC2007" {
      known.formUnion(([dataset.id] + dataset.aliases).map(ContainerClasses.key))
    }
    return known.contains(key)
  }

  /// The letters and digits of a folder's name without what says where it is from: `datasets--clip-benchmark--wds_vtab-dtd`,
  /// `wds_vtab-dtd_test`, `dtd_20211007` are all `dtd`.
  private static func stripped(_ folder: String) -> (key: String, isShards: Bool) {
    var name = folder.lowercased()[...]
    // `owner--name`, as the Hugging Face cache and download tools write repositories.
    if let range = name.ranges(of: "--").last { name = name[range.upperBound...] }
    var isShards = false
    if name.hasPrefix("wds_") || name.hasPrefix("wds-") {
      name = name.dropFirst(4)
      isShards = true
    }
    for lead in ["vtab-", "vtab_"] where name.hasPrefix(lead) { name = name.dropFirst(lead.count) }
    if isShards, name.hasSuffix("_test") { name = name.dropLast("_test".count) }
    if let date = name.firstRange(of: /_[0-9]{8}$/) { name = name[..<date.lowerBound] }
    return (ContainerClasses.key(String(name)), isShards)
  }
}
