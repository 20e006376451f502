/* SPDX-License-Identifier: MIT */
/* Accept headers: media ranges, their weights and how closely they match. */
#include "accept.h"

#include "head.h"

#include <string.h>
#include <strings.h>

/* How closely a media range fits a type. */
enum { NO_FIT, ANY_TYPE, ANY_SUBTYPE, EXACT };

/* What an Accept header says of one type: a weight in thousandths. */
struct opinion {
    int fit;
    int weight;
};

/* How the media range of 'n' bytes at 'range' fits 'type'. */
static int fit(const char *range, size_t n, const char *type)
{
    size_t slash = strcspn(type, "/");

    if (n == 3 && !memcmp(range, "*/*", 3))
        return ANY_TYPE;
    if (n == strlen(type) && !strncasecmp(range, type, n))
        return EXACT;
    if (n == slash + 2 && !strncasecmp(range, type, slash + 1) &&
        range[slash + 1] == '*')
        return ANY_SUBTYPE;
    return NO_FIT;
}

/*
 * A weight, "0.25" or "1.000", of 'n' bytes as thousandths; -1 when it isn't
 * one.
 */
static int weight_parse(const char *text, size_t n)
{
    int weight;
    int unit = 100;

    if (n < 1 || n > 5 || (text[0] != '0' && text[0] != '1'))
        return -1;
    if (n > 1 && text[1] != '.')
        return -1;
    weight = (text[0] - '0') * 1000;
    for (size_t i = 2; i < n; i++, unit /= 10) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        weight += (text[i] - '0') * unit;
    }
    return weight <= 1000 ? weight : -1;
}

/* The q among the parameters of 'element'; 1000 without one. */
static int weight_of(const char *element, size_t n)
{
    struct head_list parameters = head_list(element, n, ';');
    const char *parameter;
    size_t size;

    while (head_list_next(&parameters, &parameter, &size))
        if (size >= 2 && !strncasecmp(parameter, "q=", 2))
            return weight_parse(parameter + 2, size - 2);
    return 1000;
}

/* Let one element of the header, such as "text/xml;q=0.5", be heard. */
static void hear(struct opinion *opinion, const char *element, size_t n,
                 const char *type)
{
    size_t range = strcspn(element, " \t;,");
    int weight = weight_of(element, n);
    int closeness = fit(element, range < n ? range : n, type);

    if (weight < 0 || closeness <= opinion->fit)
        return;
    opinion->fit = closeness;
    opinion->weight = weight;
}

static struct opinion opinion_of(const struct api_request *request,
                                 const char *type)
{
    struct opinion opinion = {NO_FIT, 0};
    const char *value;
    const char *element;
    size_t n;

    for (size_t i = 0; (value = head_next(request, "Accept", &i));) {
        struct head_list list = head_list(value, strlen(value), ',');
        while (head_list_next(&list, &element, &n))
            hear(&opinion, element, n, type);
    }
    return opinion;
}

int accept_choose(const struct api_request *request, const char *const *types,
                  size_t count)
{
    struct opinion best = {NO_FIT, 0};
    int choice = -1;

    if (!head_value(request, "Accept"))
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct opinion opinion = opinion_of(request, types[i]);
        if (opinion.weight > best.weight ||
            (opinion.weight > 0 && opinion.weight == best.weight &&
             opinion.fit > best.fit)) {
            best = opinion;
            choice = (int)i;
        }
    }
    return choice;
}
