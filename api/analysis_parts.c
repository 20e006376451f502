/* SPDX-License-Identifier: MIT */
/* The layers of an analysis: room for them, defaults and residual branches. */
#include "analysis_parts.h"

#include <inttypes.h>
#include <stdlib.h>

enum problem_code parts_init(struct analysis_parts *parts, size_t most,
                             bool slides, struct problem *problem)
{
    const size_t room = most > 0 ? most : 1;

    *parts = (struct analysis_parts){
        .parts = calloc(room, sizeof *parts->parts),
        .slides = slides ? calloc(room, sizeof *parts->slides) : NULL,
    };
    return parts->parts && (parts->slides || !slides)
               ? PROBLEM_NONE
               : problem_no_memory(problem);
}

void parts_release(struct analysis_parts *parts)
{
    free(parts->slides);
    free(parts->parts);
}

uint64_t parts_width(const struct sow_tensor *tensor, unsigned axes)
{
    uint64_t width = 1;

    for (uint32_t i = 0; i < tensor->spec.shape.rank; i++)
        if (axes >> i & 1)
            width *= tensor->spec.shape.dims[i];
    return width;
}

/* ------------------------------------------------------------------------
 * Residual branches
 */

static enum problem_code refuse(const struct analysis_part *part,
                                const struct place *places, const char *why,
                                struct problem *problem)
{
    const struct place entry = {places, NULL, part->entry};
    const struct place at = {&entry, traits_name(TRAIT_RESIDUAL), 0};

    return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(&at).text,
                       "The residual branch that ends here has %" PRIu64
                       " layers, %s: let it begin later.",
                       part->traits.branch, why);
}

/* Find where the branches begin that layers say. */
static enum problem_code open_branches(struct analysis_parts *parts,
                                       const struct place *places,
                                       struct problem *problem)
{
    size_t free = 0;

    for (size_t i = 0; i < parts->count; i++) {
        const struct analysis_part *part = &parts->parts[i];
        if (part->traits.branch == 0)
            continue;
        if (part->traits.branch > i + 1)
            return refuse(part, places, "more than there are up to here",
                          problem);
        if (i + 1 - part->traits.branch < free)
            return refuse(part, places, "some of them in another branch",
                          problem);
        free = i + 1;
        parts->parts[free - part->traits.branch].opens = true;
        for (size_t k = free - part->traits.branch; k < free; k++)
            parts->parts[k].traits.given |= 1U << TRAIT_RESIDUAL;
    }
    return PROBLEM_NONE;
}

/* Do layers [first, last] give as many units as they take? */
static bool is_square(const struct analysis_parts *parts,
                      const struct model *model, size_t first, size_t last)
{
    const struct sow_tensor *begin =
        &model->tensors[parts->parts[first].weight];
    const struct sow_tensor *end = &model->tensors[parts->parts[last].weight];

    return parts_width(begin, begin->spec.axes.in) ==
           parts_width(end, end->spec.axes.out);
}

/* Does one of layers [first, last] say itself which branch it is in? */
static bool is_said(const struct analysis_parts *parts, size_t first,
                    size_t last)
{
    for (size_t i = first; i <= last; i++)
        if (traits_give(&parts->parts[i].traits, TRAIT_RESIDUAL))
            return true;
    return false;
}

/*
 * Make branches of so many layers, from the first on, of all but the last;
 * false if there is no place for one, which layers may want otherwise.
 */
static bool add_branches(struct analysis_parts *parts,
                         const struct analysis_traits *defaults,
                         const struct model *model)
{
    const uint64_t length = defaults->branch;
    bool found = length == 0;
    size_t i = 0;

    while (length > 0 && length < parts->count && i < parts->count - length) {
        const size_t last = i + (size_t)length - 1;
        const bool square = is_square(parts, model, i, last);
        found = found || square;
        if (!square || is_said(parts, i, last)) {
            i++;
            continue;
        }
        parts->parts[i].opens = true;
        parts->parts[last].traits.branch = length;
        parts->parts[last].traits.alpha = defaults->alpha;
        i = last + 1;
    }
    return found;
}

static enum problem_code refuse_default(const struct analysis_traits *defaults,
                                        struct problem *problem)
{
    const struct place at = {&place_document, traits_name(TRAIT_RESIDUAL), 0};

    return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(&at).text,
                       "'residual' has no place here: it is for layers before "
                       "the last, one by one or in runs of 'layers', that give "
                       "as many units as they take, and there is no run of "
                       "%" PRIu64 ". Leave it out, or change the widths.",
                       defaults->branch);
}

enum problem_code parts_finish(struct analysis_parts *parts,
                               const struct analysis_traits *defaults,
                               const struct model *model,
                               const struct place *places,
                               struct problem *problem)
{
    for (size_t i = 0; i + 1 < parts->count; i++)
        traits_default(&parts->parts[i].traits, defaults);
    if (open_branches(parts, places, problem))
        return problem->code;
    return add_branches(parts, defaults, model)
               ? PROBLEM_NONE
               : refuse_default(defaults, problem);
}
