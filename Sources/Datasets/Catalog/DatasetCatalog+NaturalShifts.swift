extension DatasetCatalog {
  /// Natural shifts of ImageNet and CIFAR-10.
  static let naturalShifts: [DatasetSource] = [
    DatasetSource(
      "ImageNetV2", "https://github.com/modestyachts/ImageNetV2",
      licence: "MIT",
      files: [
        .archive(
          "imagenetv2-matched-frequency.tar.gz",
          at: [
            "https://imagenetv2public.s3-us-west-2.amazonaws.com/imagenetv2-matched-frequency.tar.gz",
            "https://huggingface.co/datasets/vaishaal/ImageNetV2/resolve/main/imagenetv2-matched-frequency.tar.gz",
          ], bytes: 1_253_959_680,
          sha256: "a32004f9e773279307499059d320336a23ccdc62cb32063da29bae9bd04c122c",
          into: "imagenetv2")
      ],
      notes: [
        "Folders are class numbers: sorted as text (0, 1, 10, …) accuracy is that of guessing."
      ]
    ),
    DatasetSource(
      "ImageNetV2-threshold0.7", "https://github.com/modestyachts/ImageNetV2",
      licence: "MIT",
      files: [
        .archive(
          "imagenetv2-threshold0.7.tar.gz",
          at: [
            "https://imagenetv2public.s3-us-west-2.amazonaws.com/imagenetv2-threshold0.7.tar.gz",
            "https://huggingface.co/datasets/vaishaal/ImageNetV2/resolve/main/imagenetv2-threshold0.7.tar.gz",
          ], bytes: 605_399_040,
          sha256: "bf2e2d9b625ae29c6e44982928f36220af62359b74602a995518a06840d0d76e",
          into: "imagenetv2")
      ],
      notes: [
        "Folders are class numbers: sorted as text (0, 1, 10, …) accuracy is that of guessing."
      ]
    ),
    DatasetSource(
      "ImageNetV2-topimages", "https://github.com/modestyachts/ImageNetV2",
      licence: "MIT",
      files: [
        .archive(
          "imagenetv2-topimages.tar.gz",
          at: [
            "https://imagenetv2public.s3-us-west-2.amazonaws.com/imagenetv2-topimages.tar.gz",
            "https://huggingface.co/datasets/vaishaal/ImageNetV2/resolve/main/imagenetv2-topimages.tar.gz",
          ], bytes: 606_351_360,
          sha256: "1ced1ef684934a84af854658bc8ff9adbbec553631e6eef3535ef816c3d3b98f",
          into: "imagenetv2")
      ],
      notes: [
        "Folders are class numbers: sorted as text (0, 1, 10, …) accuracy is that of guessing."
      ]
    ),
    DatasetSource(
      "ImageNet-A", "https://github.com/hendrycks/natural-adv-examples",
      licence: "MIT",
      files: [
        .archive(
          "imagenet-a.tar", at: ["https://people.eecs.berkeley.edu/~hendrycks/imagenet-a.tar"],
          bytes: 687_552_512,
          sha256: "3bb3632277e6ba6392ea64c02ddbf4dd2266c9caffd6bc09c9656d28f012589e")
      ]
    ),
    DatasetSource(
      "ImageNet-R", "https://github.com/hendrycks/imagenet-r",
      licence: "MIT",
      files: [
        .archive(
          "imagenet-r.tar", at: ["https://people.eecs.berkeley.edu/~hendrycks/imagenet-r.tar"],
          bytes: 2_191_079_936,
          sha256: "18c6bf493b39a0d975d48e587437f562caab9c52ae6327dcfa9dd8eb54aa1b52")
      ]
    ),
    DatasetSource(
      "ImageNet-Sketch", "https://github.com/HaohanWang/ImageNet-Sketch",
      licence: "MIT",
      files: [
        .archive(
          "ImageNet-Sketch.zip",
          at: [
            "https://huggingface.co/datasets/songweig/imagenet_sketch/resolve/main/data/ImageNet-Sketch.zip"
          ], into: "imagenet-sketch")
      ]
    ),
    DatasetSource(
      "ObjectNet", "https://objectnet.dev/",
      licence: "of ObjectNet: evaluation only, never training",
      files: [
        .archive(
          "objectnet-1.0.zip", at: ["https://objectnet.dev/downloads/objectnet-1.0.zip"],
          password: "objectnetisatestset")
      ],
      notes: [
        "By unzipping one agrees to its terms; the password is objectnetisatestset. UNZIP_DISABLE_ZIPBOMB_DETECTION=TRUE unzip -P objectnetisatestset objectnet-1.0.zip does it by hand.",
        "Images have a red border of one pixel.",
      ]
    ),
    DatasetSource(
      "CIFAR10.1", "https://github.com/modestyachts/CIFAR-10.1",
      licence: "MIT; images of Tiny Images",
      files: [
        .plain(
          "cifar10.1_v6_data.npy",
          at: [
            "https://github.com/modestyachts/CIFAR-10.1/raw/master/datasets/cifar10.1_v6_data.npy"
          ], in: "cifar10.1"),
        .plain(
          "cifar10.1_v6_labels.npy",
          at: [
            "https://github.com/modestyachts/CIFAR-10.1/raw/master/datasets/cifar10.1_v6_labels.npy"
          ], in: "cifar10.1"),
        .plain(
          "cifar10.1_v4_data.npy",
          at: [
            "https://github.com/modestyachts/CIFAR-10.1/raw/master/datasets/cifar10.1_v4_data.npy"
          ], in: "cifar10.1"),
        .plain(
          "cifar10.1_v4_labels.npy",
          at: [
            "https://github.com/modestyachts/CIFAR-10.1/raw/master/datasets/cifar10.1_v4_labels.npy"
          ], in: "cifar10.1"),
      ]
    ),
    DatasetSource(
      "ImageNet-Vid-Robust", "https://modestyachts.github.io/robust-vid/",
      licence: "as ImageNet",
      byHand:
        "The home page names imagenet_vid_ytbb_robust.tar.gz; put its frames as val/ILSVRC2015_val_<number>/<frame>.JPEG below imagenet-vid-robust/."
    ),
    DatasetSource(
      "YTBB-Robust", "https://modestyachts.github.io/robust-vid/",
      licence: "frames of youtube.com; for research",
      byHand:
        "The home page names imagenet_vid_ytbb_robust.tar.gz; put its frames as <clip>/frame-<number>.jpg below ytbb-robust/, and the labels of the neighbours (pmk_labels.json) beside them."
    ),
  ]
}
