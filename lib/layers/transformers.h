/* SPDX-License-Identifier: MIT */
/*
 * Building blocks that the Hugging Face models share, and what they agree on;
 * for lib/layers/ only.
 *
 * A model type is "transformers.<model_type>".  Its arguments are the keys of
 * the model's config.json, under their own names and with transformers'
 * defaults; other keys are passed over.  Beside what the file says as it
 * stands:
 *   architectures  a word, the first of the file's list: the class whose
 *                  parameters are wanted; when it is missing the bare model,
 *                  as AutoModel makes it
 *   num_labels     the file has it as the size of id2label, as a rule; 2
 *
 * Names, shapes and order are those of named_parameters() in transformers
 * 5.23, so tied weights are listed once, under the name that comes first
 * (GPT-2's and BERT's output embeddings are the input's; T5's are "shared").
 * The schemes are those of the models' _init_weights(), and draws those of the
 * model's class called with a configuration.
 */
#ifndef TRANSFORMERS_H
#define TRANSFORMERS_H

#include "layers/rows.h"

/*
 * The draws of a model that initializes itself: its modules are made as
 * torch's, and then reset, which it doesn't let others do again.
 */
extern const struct sow_draw sow_hf_draws[2];

/*
 * in, out, bias, std: weight (out, in) and bias, normal and zero.  'first' is
 * the standard deviation when the weight is reset, and 'std' when it is drawn
 * again; std when it isn't given.
 */
extern const struct sow_layer_type sow_hf_linear;

/* size, bias: weight 1 and bias 0. */
extern const struct sow_layer_type sow_hf_norm;

/* rows, columns, std, first, and padding, the row that is 0, or -1. */
extern const struct sow_layer_type sow_hf_embedding;

/* Of the models in transformers_decoders.c: their arguments. */
extern const struct sow_argument sow_hf_llama_arguments[20];
extern const struct sow_argument sow_hf_mistral_arguments[19];
extern const struct sow_argument sow_hf_qwen2_arguments[19];

/* The rows of the models. */
extern const struct sow_layer_type sow_hf_gpt2;
extern const struct sow_layer_type sow_hf_llama;
extern const struct sow_layer_type sow_hf_mistral;
extern const struct sow_layer_type sow_hf_qwen2;
extern const struct sow_layer_type sow_hf_bert;
extern const struct sow_layer_type sow_hf_vit;
extern const struct sow_layer_type sow_hf_t5;

#endif
