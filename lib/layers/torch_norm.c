/* SPDX-License-Identifier: MIT */
/*
 * Norms of torch.nn, as of 2.13: scales of 1 and shifts of 0.  The integer
 * num_batches_tracked, which is 0, is left out.
 */
#include "layers/torch.h"

static const struct sow_argument layer_norm_arguments[] = {
    SOW_TAKES_SIZES("normalized_shape", 0, NULL),
    SOW_IGNORES("eps"),
    SOW_TAKES("elementwise_affine", FLAG, "true"),
    SOW_TAKES("bias", FLAG, "true"),
};

static const struct sow_argument rms_norm_arguments[] = {
    SOW_TAKES_SIZES("normalized_shape", 0, NULL),
    SOW_IGNORES("eps"),
    SOW_TAKES("elementwise_affine", FLAG, "true"),
    SOW_DERIVES("bias", "false"),
};

static const struct sow_row layer_norm_rows[] = {
    {.when = "elementwise_affine",
     .name = "weight",
     .part = SOW_PART_SCALE,
     .shape = {"*normalized_shape"},
     .scheme = "torch.ones"},
    {.when = "elementwise_affine && bias",
     .name = "bias",
     .part = SOW_PART_SHIFT,
     .shape = {"*normalized_shape"},
     .scheme = "torch.zeros"},
};

/* The others are over channels, with or without running statistics. */
static const struct sow_argument group_norm_arguments[] = {
    SOW_NEEDS("num_groups", COUNT),
    SOW_NEEDS("num_channels", INDEX),
    SOW_IGNORES("eps"),
    SOW_TAKES("affine", FLAG, "true"),
    SOW_TAKES("bias", FLAG, "true"),
    SOW_DERIVES("num_features", "num_channels"),
    SOW_DERIVES("track_running_stats", "false"),
};

static const struct sow_check group_norm_checks[] = {
    {"num_channels % num_groups == 0", "num_groups",
     "num_channels must be a multiple of num_groups"},
};

static const struct sow_argument batch_norm_arguments[] = {
    SOW_NEEDS("num_features", INDEX),
    SOW_IGNORES("eps"),
    SOW_IGNORES("momentum"),
    SOW_TAKES("affine", FLAG, "true"),
    SOW_TAKES("track_running_stats", FLAG, "true"),
    SOW_TAKES("bias", FLAG, "true"),
};

static const struct sow_argument instance_norm_arguments[] = {
    SOW_NEEDS("num_features", INDEX),
    SOW_IGNORES("eps"),
    SOW_IGNORES("momentum"),
    SOW_TAKES("affine", FLAG, "false"),
    SOW_TAKES("track_running_stats", FLAG, "false"),
    SOW_TAKES("bias", FLAG, "true"),
};

static const struct sow_row channel_rows[] = {
    {.when = "affine",
     .name = "weight",
     .part = SOW_PART_SCALE,
     .shape = {"num_features"},
     .scheme = "torch.ones"},
    {.when = "affine && bias",
     .name = "bias",
     .part = SOW_PART_SHIFT,
     .shape = {"num_features"},
     .scheme = "torch.zeros"},
    {.when = "track_running_stats",
     .name = "running_mean",
     .part = SOW_PART_STATE,
     .shape = {"num_features"},
     .scheme = "torch.zeros"},
    {.when = "track_running_stats",
     .name = "running_var",
     .part = SOW_PART_STATE,
     .shape = {"num_features"},
     .scheme = "torch.ones"},
};

#define BATCH_NORM(n, class)                                              \
    {                                                                     \
        SOW_TORCH_TYPE(n, class), .summary = "normalized over the batch", \
                                  SOW_ARGUMENTS(batch_norm_arguments),    \
                                  SOW_ROWS_OF(channel_rows),              \
    }
#define INSTANCE_NORM(n, class)                                               \
    {                                                                         \
        SOW_TORCH_TYPE(n, class), .summary = "normalized over each instance", \
                                  SOW_ARGUMENTS(instance_norm_arguments),     \
                                  SOW_ROWS_OF(channel_rows),                  \
    }

const struct sow_layer_type sow_torch_norm_types[] = {
    [SOW_TORCH_LAYER_NORM] =
        {
            SOW_TORCH_TYPE("layer_norm", "LayerNorm"),
            .summary = "normalized over the last dimensions",
            SOW_ARGUMENTS(layer_norm_arguments),
            SOW_ROWS_OF(layer_norm_rows),
        },
    {
        SOW_TORCH_TYPE("rms_norm", "RMSNorm"),
        .summary = "divided by the root mean square of the last dimensions",
        SOW_ARGUMENTS(rms_norm_arguments),
        SOW_ROWS_OF(layer_norm_rows),
    },
    {
        SOW_TORCH_TYPE("group_norm", "GroupNorm"),
        .summary = "normalized over groups of channels",
        SOW_ARGUMENTS(group_norm_arguments),
        SOW_CHECKS(group_norm_checks),
        SOW_ROWS_OF(channel_rows),
    },
    BATCH_NORM("batch_norm1d", "BatchNorm1d"),
    BATCH_NORM("batch_norm2d", "BatchNorm2d"),
    BATCH_NORM("batch_norm3d", "BatchNorm3d"),
    BATCH_NORM("sync_batch_norm", "SyncBatchNorm"),
    INSTANCE_NORM("instance_norm1d", "InstanceNorm1d"),
    INSTANCE_NORM("instance_norm2d", "InstanceNorm2d"),
    INSTANCE_NORM("instance_norm3d", "InstanceNorm3d"),
};

const struct sow_layer_library sow_torch_norm_layers = {
    sow_torch_norm_types,
    COUNT(sow_torch_norm_types),
};
