/* SPDX-License-Identifier: MIT */
/* Reading for the other files of lib/. */
#ifndef READ_H
#define READ_H

#include "sow.h"

/* sow_tensor_read(), as if the tensor had not been cut. */
SOW_MUST_CHECK enum sow_status
sow_tensor_read_whole(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t pos, void *buf,
                      size_t n);

#endif
