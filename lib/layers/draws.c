/* SPDX-License-Identifier: MIT */
/*
 * What a layer's constructor draws, in order: the lists of draws of rows.h
 * walked, and the rows that they name.
 *
 * Where expand.c visits each row once this comes to it in each of the phases.
 * Within a copy phases are over: its tensors are those that a visit has.
 */
#include <string.h>

#include "layers/expression.h"
#include "layers/name.h"
#include "layers/rows.h"
#include "schemes/schemes.h"
#include "status.h"

/* Rows for each draw that there may be, so that rows never drawn end. */
#define STEPS 16
#define MORE_STEPS 1000

/* 'counted': constants are parameters like others. */
struct walk {
    size_t limit;
    size_t count;
    uint64_t steps;
    bool counted;
    sow_layer_drawer *drawer;
    void *argument;
    struct sow_layer_tensor tensor;
    struct sow_error *error;
};

/*
 * A turn of a repetition that is copied: behind the first 'own' bytes of a
 * tensor's name is what follows the first 'first' bytes of its model's.
 */
struct copy {
    char from[SOW_MAX_NAME + 1];
    size_t first;
    size_t own;
};

/* Where in the nest of blocks the walk is; as expand.c has it, and … */
struct place {
    const struct sow_layer_type *type;
    const struct sow_scope *scope;
    size_t length;
    const char *matrices;
    const struct sow_scope *matrices_scope;
    unsigned depth;
    enum sow_phase phase;
    bool discarded;
    struct copy *copy; /* or NULL */
};

static enum sow_status walk_rows(struct walk *walk, const struct place *place);

/* ---- tensors --------------------------------------------------------- */

static enum sow_status hand_out(struct walk *walk, const struct place *place)
{
    struct sow_layer_tensor *tensor = &walk->tensor;
    struct sow_layer_draw draw = {SOW_DRAW_KEPT, tensor, NULL};
    struct copy *copy = place->copy;
    char initial = tensor->name[0];
    enum sow_status status;

    if (walk->count++ == walk->limit)
        return sow_fail(walk->error, SOW_BAD_PARAMETER, "layers",
                        "this takes more than %zu draws", walk->limit);
    if (copy != NULL) {
        size_t length = copy->first;
        const char *rest = tensor->name + copy->own;

        status = sow_name_append(copy->from, &length, rest, strlen(rest),
                                 walk->error);
        if (status != SOW_OK)
            return status;
        draw.use = SOW_DRAW_COPIED;
        draw.from = copy->from;
    } else if (place->discarded) {
        draw.use = SOW_DRAW_DISCARDED;
        tensor->name[0] = '\0';
    }
    status = walk->drawer(walk->argument, &draw, walk->error);
    tensor->name[0] = initial;
    return status;
}

static bool is_constant(const struct sow_layer_tensor *tensor)
{
    const struct sow_rule *rule = tensor->scheme.info->rule;

    return rule == &sow_rule_constant || rule == &sow_rule_ones;
}

static bool is_passed_over(const struct walk *walk)
{
    return walk->counted ? walk->tensor.part == SOW_PART_STATE
                         : is_constant(&walk->tensor);
}

/* The scheme by which a row's tensor is drawn; NULL when it isn't. */
static const char *find_scheme(const struct place *place,
                               const struct sow_row *row, uint32_t rank,
                               const struct sow_scope **scope)
{
    if (place->copy != NULL || place->phase == SOW_MAKE)
        return row->scheme;
    if (place->phase != SOW_RESET || rank < 2)
        return NULL;
    *scope = place->matrices_scope;
    return place->matrices;
}

/* 'text' is the scheme, or NULL for what the phase says. */
static enum sow_status draw_tensor(struct walk *walk, const struct place *place,
                                   const struct sow_row *row,
                                   const struct sow_scope *scope,
                                   const char *text)
{
    struct sow_layer_tensor *tensor = &walk->tensor;
    struct place within = *place;
    enum sow_status status =
        sow_row_tensor(row, place->type, scope, tensor, walk->error);

    tensor->multiplier = 1;
    if (status == SOW_OK && text != NULL) {
        status =
            sow_scheme_read(&tensor->scheme, row->scheme, scope, walk->error);
        within.discarded |=
            status == SOW_OK && !walk->counted && is_constant(tensor);
    } else if (status == SOW_OK) {
        text = find_scheme(place, row, tensor->shape.rank, &scope);
    }
    if (status != SOW_OK || text == NULL)
        return status;
    status = sow_scheme_read(&tensor->scheme, text, scope, walk->error);
    if (status != SOW_OK || is_passed_over(walk))
        return status;
    return hand_out(walk, &within);
}

/* ---- blocks ---------------------------------------------------------- */

static enum sow_status walk_block(struct walk *walk, const struct place *place,
                                  const struct sow_row *row,
                                  const struct sow_scope *scope)
{
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
    const struct sow_scope closed = {variables, row->block->argument_count,
                                     NULL};
    struct place within = *place;
    enum sow_status status = SOW_OK;

    if (++within.depth > SOW_MAX_NESTING)
        return sow_fail(walk->error, SOW_BAD_PARAMETER, "type",
                        "blocks are nested too deeply");
    within.type = row->block;
    within.scope = scope;
    if (row->matrices != NULL && within.matrices == NULL) {
        within.matrices = row->matrices;
        within.matrices_scope = scope;
    }
    if (row->block->argument_count > 0) {
        within.scope = &closed;
        status = sow_block_bind(row->block, row->with, scope, variables,
                                walk->error);
        if (status == SOW_OK)
            status = sow_layer_check(row->block, &closed, walk->error);
    }
    return status == SOW_OK ? walk_rows(walk, &within) : status;
}

/* ---- rows ------------------------------------------------------------ */

static enum sow_status walk_once(struct walk *walk, const struct place *place,
                                 const struct sow_row *row,
                                 const struct sow_scope *scope,
                                 const char *scheme)
{
    struct place within = *place;
    enum sow_presence presence = SOW_ABSENT;
    enum sow_status status;

    if (walk->steps-- == 0)
        return sow_fail(walk->error, SOW_BAD_PARAMETER, "layers",
                        "this would take more than %zu draws", walk->limit);
    status = sow_row_presence(row, scope, &presence, walk->error);
    if (status != SOW_OK || presence == SOW_ABSENT ||
        (presence == SOW_TIED && place->copy != NULL))
        return status;
    within.discarded |= presence == SOW_TIED;
    status =
        sow_name_write(walk->tensor.name, &within.length,
                       row->name == NULL ? "" : row->name, scope, walk->error);
    if (status != SOW_OK)
        return status;
    return row->block != NULL ? walk_block(walk, &within, row, scope)
                              : draw_tensor(walk, &within, row, scope, scheme);
}

/* The first turn has been made; it is number 0 of 'index'. */
static enum sow_status copy_turns(struct walk *walk, const struct place *place,
                                  const struct sow_row *row,
                                  const struct sow_scope *scope,
                                  struct sow_variable *index, uint64_t times)
{
    struct copy copy = {.first = place->length};
    struct place within = *place;
    enum sow_status status;

    memcpy(copy.from, walk->tensor.name, place->length);
    status =
        sow_name_write(copy.from, &copy.first, row->name, scope, walk->error);
    within.copy = &copy;
    for (uint64_t i = 1; status == SOW_OK && i < times; i++) {
        index->numbers[0] = (double)i;
        copy.own = place->length;
        status = sow_name_write(walk->tensor.name, &copy.own, row->name, scope,
                                walk->error);
        if (status == SOW_OK)
            status = walk_once(walk, &within, row, scope, NULL);
    }
    return status;
}

static enum sow_status walk_row(struct walk *walk, const struct place *place,
                                const struct sow_row *row, const char *scheme,
                                bool copied)
{
    struct sow_variable index = {
        .name = row->index == NULL ? "i" : row->index,
        .count = 1,
    };
    const struct sow_scope scope = {&index, 1, place->scope};
    struct place within = *place;
    uint64_t times = 0;
    enum sow_status status;

    if (row->repeat == NULL)
        return walk_once(walk, place, row, place->scope, scheme);
    status = sow_evaluate_whole(row->repeat, place->scope, "repeat", &times,
                                walk->error);
    within.discarded |= copied && times == 0;
    for (uint64_t i = 0; status == SOW_OK && i < (copied ? 1 : times); i++) {
        index.numbers[0] = (double)i;
        status = walk_once(walk, &within, row, &scope, scheme);
    }
    if (status != SOW_OK || !copied || within.discarded)
        return status;
    return copy_turns(walk, place, row, &scope, &index, times);
}

/* One entry of a type's list. */
static enum sow_status walk_draw(struct walk *walk, const struct place *place,
                                 const struct sow_draw *draw)
{
    const struct sow_layer_type *type = place->type;
    struct place within = *place;
    enum sow_status status = SOW_OK;

    within.phase = draw->as;
    for (uint32_t i = 0; status == SOW_OK && i < type->row_count; i++) {
        const struct sow_row *row = &type->rows[i];

        if (draw->name == NULL)
            status = walk_row(walk, &within, row, NULL, draw->copied);
        else if (strcmp(draw->name, row->name) == 0)
            status = walk_row(walk, &within, row,
                              draw->scheme == NULL ? row->scheme : draw->scheme,
                              draw->copied);
    }
    return status;
}

static enum sow_status walk_rows(struct walk *walk, const struct place *place)
{
    const struct sow_layer_type *type = place->type;
    bool listed = type->draw_count > 0 && place->copy == NULL;
    enum sow_status status = SOW_OK;

    for (uint32_t i = 0; status == SOW_OK && !listed && i < type->row_count;
         i++)
        status = walk_row(walk, place, &type->rows[i], NULL, false);
    for (uint32_t i = 0; status == SOW_OK && listed && i < type->draw_count;
         i++)
        if (type->draws[i].in == place->phase)
            status = walk_draw(walk, place, &type->draws[i]);
    return status;
}

/* ---- from outside ---------------------------------------------------- */

enum sow_status sow_layer_draws(const struct sow_layer *layer, size_t limit,
                                sow_layer_drawer *draw, void *argument,
                                struct sow_error *error)
{
    const struct sow_layer_type *type = layer->type;
    const struct sow_scope scope = sow_layer_scope(layer);
    const struct place place = {
        .type = type, .scope = &scope, .phase = SOW_MAKE};
    struct walk walk = {.limit = limit,
                        .steps = (uint64_t)limit * STEPS + MORE_STEPS,
                        .counted = strcmp(type->library, "flax") == 0,
                        .drawer = draw,
                        .argument = argument,
                        .error = error};

    if (strcmp(type->library, "keras") == 0)
        return sow_fail(error, SOW_BAD_SCHEME, "type",
                        "%s draws each weight from a seed of its own, not in "
                        "an order: name its tensors one by one, or leave the "
                        "generator to sow1",
                        type->name);
    return walk_rows(&walk, &place);
}
