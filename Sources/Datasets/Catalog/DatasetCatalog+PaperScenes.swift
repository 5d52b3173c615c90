extension DatasetCatalog {
  /// Datasets of the paper that show places, textures and actions.
  static let paperScenes: [DatasetSource] = [
    DatasetSource(
      "SUN397", "https://vision.princeton.edu/projects/2010/SUN/",
      licence: "for research",
      files: [
        .archive(
          "SUN397.tar.gz", at: ["http://vision.princeton.edu/projects/2010/SUN/SUN397.tar.gz"],
          bytes: 39_077_296_924,
          sha256: "f404130965a7ad77bed5ececc71e720ab50f3cc1e1bb257257610d38f3b928ec"),
        .archive(
          "Partitions.zip",
          at: ["https://vision.princeton.edu/projects/2010/SUN/download/Partitions.zip"],
          bytes: 18_293_705,
          sha256: "e3311ea5f812d4cc6faef194688343d1111f6cd6f70f2c62f393c2b8d6ba1ec9", into: "SUN397"
        ),
      ],
      notes: ["The site answers at times only; Hugging Face has copies of the images."]
    ),
    DatasetSource(
      "DTD", "https://www.robots.ox.ac.uk/~vgg/data/dtd/",
      licence: "for research",
      files: [
        .archive(
          "dtd-r1.0.1.tar.gz",
          at: ["https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz"],
          md5: "fff73e5086ae6bdbea199a49dfb8a4c1")
      ]
    ),
    DatasetSource(
      "EuroSAT", "https://github.com/phelber/EuroSAT",
      licence: "MIT; Sentinel data under Copernicus terms",
      files: [
        .archive(
          "EuroSAT.zip",
          at: [
            "https://madm.dfki.de/files/sentinel/EuroSAT.zip",
            "https://huggingface.co/datasets/torchgeo/eurosat/resolve/main/EuroSAT.zip",
          ], md5: "c8fa014336c82ac7804f0398fcb19387", into: "eurosat")
      ],
      notes: ["There is no official split: `list datasets EuroSAT` lists the presets."]
    ),
    DatasetSource(
      "RESISC45", "https://gcheng-nwpu.github.io/",
      licence: "for research",
      files: [.archive("NWPU-RESISC45.rar", md5: "d824acb73957502b00efd559fc6cfbbb")],
      byHand:
        "Fetch NWPU-RESISC45.rar by its OneDrive link on the home page, and unpack it so that NWPU-RESISC45/<class>/ lies below the data folder."
    ),
    DatasetSource(
      "Country211", "https://github.com/openai/CLIP/blob/main/data/country211.md",
      licence: "images of flickr.com under the Creative Commons licences of YFCC100M",
      files: [
        .archive(
          "country211.tgz", at: ["https://openaipublic.azureedge.net/clip/data/country211.tgz"],
          md5: "84988d7644798601126c29e9877aab6a")
      ]
    ),
    DatasetSource(
      "CLEVRCounts", "https://cs.stanford.edu/people/jcjohns/clevr/",
      licence: "CC BY 4.0",
      files: [
        .archive(
          "CLEVR_v1.0.zip", at: ["https://dl.fbaipublicfiles.com/clevr/CLEVR_v1.0.zip"],
          md5: "b11922020e72d0cd9154779b2d3d07d2", into: "clevr")
      ]
    ),
    DatasetSource(
      "UCF101", "https://www.crcv.ucf.edu/data/UCF101.php",
      licence: "for research",
      files: [
        .archive(
          "UCF101.rar", at: ["https://www.crcv.ucf.edu/datasets/human-actions/ucf101/UCF101.rar"],
          into: "ucf101"),
        .archive(
          "UCF101TrainTestSplits-RecognitionTask.zip",
          at: ["https://www.crcv.ucf.edu/data/UCF101/UCF101TrainTestSplits-RecognitionTask.zip"],
          bytes: 113_943,
          sha256: "5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27", into: "ucf101"
        ),
      ]
    ),
    DatasetSource(
      "Kinetics700", "https://github.com/cvdfoundation/kinetics-dataset",
      licence: "videos of youtube.com; annotations CC BY 4.0",
      byHand:
        "The CVDF repository has tar files of the clips that were online when it was made, and the annotation tables. Put clips as <split>/<class>/<id>_<start>_<end>.mp4 below kinetics700/ and the table beside them; frames that were extracted before are accepted.",
      notes: ["Clips disappear every year: results say how many there were."]
    ),
  ]
}
