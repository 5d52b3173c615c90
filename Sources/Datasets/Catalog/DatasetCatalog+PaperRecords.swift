extension DatasetCatalog {
  /// Datasets of the paper whose labels, and often pixels, are in files of a form of their own.
  static let paperRecords: [DatasetSource] = [
    DatasetSource(
      "CIFAR10", "https://www.cs.toronto.edu/~kriz/cifar.html",
      licence: "for research; no licence is stated",
      files: [
        .archive(
          "cifar-10-binary.tar.gz", at: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
          bytes: 170_052_171,
          sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
          into: "cifar10")
      ],
      notes: ["Copies as JPEG files are recompressed: other pixels."]
    ),
    DatasetSource(
      "CIFAR100", "https://www.cs.toronto.edu/~kriz/cifar.html",
      licence: "for research; no licence is stated",
      files: [
        .archive(
          "cifar-100-binary.tar.gz",
          at: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"], bytes: 168_513_733,
          sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
          into: "cifar100")
      ]
    ),
    DatasetSource(
      "MNIST", "http://yann.lecun.com/exdb/mnist/",
      licence: "CC BY-SA 3.0",
      files: [
        .plain(
          "train-images-idx3-ubyte.gz",
          at: [
            "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
            "http://yann.lecun.com/exdb/mnist/train-images-idx3-ubyte.gz",
          ], md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873", in: "MNIST/raw"),
        .plain(
          "train-labels-idx1-ubyte.gz",
          at: [
            "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz",
            "http://yann.lecun.com/exdb/mnist/train-labels-idx1-ubyte.gz",
          ], md5: "d53e105ee54ea40749a09fcbcd1e9432", in: "MNIST/raw"),
        .plain(
          "t10k-images-idx3-ubyte.gz",
          at: [
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
            "http://yann.lecun.com/exdb/mnist/t10k-images-idx3-ubyte.gz",
          ], md5: "9fb629c4189551a2d022fa330f9573f3", in: "MNIST/raw"),
        .plain(
          "t10k-labels-idx1-ubyte.gz",
          at: [
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
            "http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz",
          ], md5: "ec29112dd5afa0611ce80d1b7f02629c", in: "MNIST/raw"),
      ],
      notes: ["Fashion-MNIST and others have files of the same names."]
    ),
    DatasetSource(
      "FER2013",
      "https://www.kaggle.com/competitions/challenges-in-representation-learning-facial-expression-recognition-challenge",
      licence: "of the Kaggle competition",
      files: [
        .plain("fer2013.csv", md5: "f8428a1edbd21e88f42c73edd2a14f95", in: "fer2013"),
        .plain("icml_face_data.csv", md5: "b114b9e04e6949e5fe8b6a98b3892b1d", in: "fer2013"),
      ],
      byHand:
        "Log in at Kaggle, accept the rules of the competition, fetch fer2013.tar.gz (or icml_face_data.csv) and put the table into fer2013/; either one is enough.",
      notes: [
        "The folders of msambare/fer2013 have PublicTest and PrivateTest as one test set of 7,178; augmented copies circulate (3,924 images of disgust instead of 436)."
      ]
    ),
    DatasetSource(
      "STL10", "https://cs.stanford.edu/~acoates/stl10/",
      licence: "images of ImageNet; for research",
      files: [
        .archive(
          "stl10_binary.tar.gz", at: ["http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"],
          md5: "91f7769df0f17e558f3565bffb0c7dfb")
      ]
    ),
    DatasetSource(
      "GTSRB", "https://benchmark.ini.rub.de/",
      licence: "for research",
      files: [
        .archive(
          "GTSRB-Training_fixed.zip",
          at: [
            "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/GTSRB-Training_fixed.zip"
          ], md5: "513f3c79a4c5141765e10e952eaa2478", into: "gtsrb"),
        .archive(
          "GTSRB_Final_Test_Images.zip",
          at: [
            "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/GTSRB_Final_Test_Images.zip"
          ], md5: "c7e4e6327067d32654124b0fe9e82185", into: "gtsrb"),
        .archive(
          "GTSRB_Final_Test_GT.zip",
          at: [
            "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/GTSRB_Final_Test_GT.zip"
          ], md5: "fe31e9c9270bbcd7b84b7f21a9d9d9e5", into: "gtsrb"),
      ],
      notes: [
        "GTSRB-Training_fixed.zip is the 26,640 images of the 2011 competition that the paper trains on; GTSRB_Final_Training_Images.zip has 39,209.",
        "GT-final_test.test.csv, beside the images, has no labels.",
      ]
    ),
    DatasetSource(
      "KITTI", "https://www.cvlibs.net/datasets/kitti/eval_object.php",
      licence: "CC BY-NC-SA 3.0",
      files: [
        .archive(
          "data_object_image_2.zip",
          at: ["https://s3.eu-central-1.amazonaws.com/avg-kitti/data_object_image_2.zip"],
          bytes: 12_569_945_557,
          sha256: "351c5a2aa0cd9238b50174a3a62b846bc5855da256b82a196431d60ff8d43617", into: "kitti"),
        .archive(
          "data_object_label_2.zip",
          at: ["https://s3.eu-central-1.amazonaws.com/avg-kitti/data_object_label_2.zip"],
          bytes: 5_601_213,
          sha256: "4efc76220d867e1c31bb980bbf8cbc02599f02a9cb4350effa98dbb04aaed880", into: "kitti"),
        .archive(
          "devkit_object.zip",
          at: ["https://s3.eu-central-1.amazonaws.com/avg-kitti/devkit_object.zip"], bytes: 63_778,
          sha256: "cfde67e531832618ea0fd4844f91e34a45068025e2bef79e278cb812dc2537d0",
          into: "kitti/devkit"),
      ]
    ),
    DatasetSource(
      "PCam", "https://github.com/basveeling/pcam",
      licence: "CC0",
      files: [
        .single(
          "camelyonpatch_level_2_split_test_x.h5.gz",
          at: ["https://zenodo.org/records/2546921/files/camelyonpatch_level_2_split_test_x.h5.gz"],
          bytes: 800_875_929,
          sha256: "79174c2201ad521602a5888be8f36ee10875f37403dd3f2086caf2182ef87245", in: "pcam"),
        .single(
          "camelyonpatch_level_2_split_test_y.h5.gz",
          at: ["https://zenodo.org/records/2546921/files/camelyonpatch_level_2_split_test_y.h5.gz"],
          bytes: 3040, sha256: "0a522005fccc8bbd04c5a117bfaf81d8da2676f03a29d7499f71d0a0bd6068ef",
          in: "pcam"),
        .single(
          "camelyonpatch_level_2_split_valid_x.h5.gz",
          at: [
            "https://zenodo.org/records/2546921/files/camelyonpatch_level_2_split_valid_x.h5.gz"
          ], bytes: 805_965_320,
          sha256: "f82ee1670d027b4ec388048d9eabc2186b77c009655dae76d624c0ecb053ccb2", in: "pcam"),
        .single(
          "camelyonpatch_level_2_split_valid_y.h5.gz",
          at: [
            "https://zenodo.org/records/2546921/files/camelyonpatch_level_2_split_valid_y.h5.gz"
          ], bytes: 3038,
          sha256: "ce1ae30f08feb468447971cfd0472e7becd0ad96d877c64120c72571439ae48c", in: "pcam"),
        .single(
          "camelyonpatch_level_2_split_train_x.h5.gz",
          at: [
            "https://zenodo.org/records/2546921/files/camelyonpatch_level_2_split_train_x.h5.gz"
          ], bytes: 6_421_353_462,
          sha256: "d619e741468a7ab35c7e4a75e6821b7e7e6c9411705d45708f2a0efc8960656c", in: "pcam"),
        .single(
          "camelyonpatch_level_2_split_train_y.h5.gz",
          at: [
            "https://zenodo.org/records/2546921/files/camelyonpatch_level_2_split_train_y.h5.gz"
          ], bytes: 21_378,
          sha256: "b74126d2c01b20d3661f9b46765d29cf4e4fba6faba29c8e0d09d406331ab75a", in: "pcam"),
      ],
      notes: [
        "Google Drive, where the first copies lay, refuses after a number of downloads a day."
      ]
    ),
    DatasetSource(
      "HatefulMemes", "https://hatefulmemeschallenge.com/",
      licence: "of the challenge, after registration",
      byHand:
        "Accept the terms at drivendata.org (or Kaggle), fetch the archive of the challenge, and put img/, train.jsonl and dev.jsonl (or dev_seen.jsonl) into hateful_memes/.",
      notes: ["The paper evaluates the 500 of dev; later sets differ (dev_unseen, test_unseen)."]
    ),
    DatasetSource(
      "RenderedSST2", "https://github.com/openai/CLIP/blob/main/data/rendered-sst2.md",
      licence: "as the Stanford Sentiment Treebank",
      files: [
        .archive(
          "rendered-sst2.tgz",
          at: ["https://openaipublic.azureedge.net/clip/data/rendered-sst2.tgz"],
          md5: "2384d08e9dcfa4bd55b324e610496ee5")
      ]
    ),
  ]
}
