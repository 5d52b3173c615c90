#ifndef CVOCABULARY_H
#define CVOCABULARY_H

#include <stddef.h>

/// OpenAI's BPE merges, bpe_simple_vocab_16e6.txt.gz as published (gzip). See THIRD_PARTY_NOTICES.md.
const unsigned char *_Nonnull cv_openai_vocabulary(void);
size_t cv_openai_vocabulary_size(void);

#endif
